import type { VideoPageQuery } from '../api/documents.ts';
import { span } from '../parts/format.ts';
import { clipSheetUrl, sheetOf } from '../parts/sheet.ts';

type Video = NonNullable<VideoPageQuery['video']>;

interface Props {
  video: Video;
  clip: Video['clips'][number];
  /** How many the model saw of it. */
  frames: number;
  onSeek: (time: number) => void;
}

/** The frames of a clip that the model saw; a click plays from one. */
export function Frames({ video, clip, frames, onSeek }: Props) {
  if (!video.sheetUrl) return null;
  const { width, height, columns, rows } = sheetOf(video, frames);
  const caption = `The ${frames} frames the model saw of ${span(clip)}`;
  return (
    <figure class="frames">
      <img
        src={clipSheetUrl(video.sheetUrl, clip.index)}
        alt={caption}
        width={width}
        height={height}
        loading="lazy"
        onPointerUp={({ button, offsetX, offsetY, currentTarget }) => {
          if (button !== 0) return;
          const [column, row] = [
            Math.floor((offsetX / currentTarget.clientWidth) * columns),
            Math.floor((offsetY / currentTarget.clientHeight) * rows),
          ];
          const frame = Math.min(frames - 1, row * columns + column);
          onSeek(clip.start + ((frame + 0.5) * (clip.end - clip.start)) / frames);
        }}
      />
      <figcaption class="small muted">{caption}</figcaption>
    </figure>
  );
}
