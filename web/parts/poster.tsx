import './poster.css';
import type { TargetedPointerEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { VideoCardFragment } from '../api/documents.ts';
import { clock } from './format.ts';
import { clipSheetUrl, type Tiles, tilesIn } from './sheet.ts';

interface Props {
  video: VideoCardFragment;
  /** Whether it is seen at once, so that its picture should not wait. */
  eager?: boolean;
  /** The clip it shows a frame of; else the video's first. */
  clip?: number | undefined;
}

/** A video's picture; moving over it with a pointer runs through the frames the model saw. */
export function Poster({ video, eager = false, clip }: Props) {
  const [at, setAt] = useState<number | null>(null);
  const { posterUrl, sheetUrl, width, height, duration } = video;

  const move = ({ clientX, currentTarget }: TargetedPointerEvent<HTMLElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    setAt(Math.min(0.999, Math.max(0, (clientX - left) / width)));
  };

  return (
    <div class="poster" onPointerMove={move} onPointerLeave={() => setAt(null)}>
      {clip !== undefined && sheetUrl ? (
        <Frame key="clip" video={video} sheetUrl={clipSheetUrl(sheetUrl, clip)} at={0.5} />
      ) : (
        posterUrl && (
          <img
            class="poster-picture"
            src={posterUrl}
            alt=""
            width={width}
            height={height}
            loading={eager ? 'eager' : 'lazy'}
            decoding="async"
          />
        )
      )}
      {at !== null && sheetUrl && (
        <>
          <Frame key="hover" video={video} sheetUrl={sheetUrl} at={at} />
          <div class="poster-progress" style={{ width: `${at * 100}%` }} />
        </>
      )}
      <span class="poster-duration numbers">
        <span class="hidden">Duration </span>
        {clock(duration, duration < 1)}
      </span>
    </div>
  );
}

/** One tile of a contact sheet, as far through it as `at` says, 0 to 1; nothing until it is loaded. */
function Frame({ video, sheetUrl, at }: { video: VideoCardFragment; sheetUrl: string; at: number }) {
  const [{ columns, rows }, setTiles] = useState<Tiles>({ columns: 0, rows: 0 });
  const tile = Math.floor(at * columns * rows);
  return (
    <div class="poster-frame" style={{ aspectRatio: `${video.width} / ${video.height}` }}>
      <img
        src={sheetUrl}
        alt=""
        loading="lazy"
        style={{
          width: `${columns * 100}%`,
          height: `${rows * 100}%`,
          left: `${-(tile % columns) * 100}%`,
          top: `${-Math.floor(tile / columns) * 100}%`,
        }}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
          setTiles(tilesIn({ width: naturalWidth, height: naturalHeight }, video))
        }
      />
    </div>
  );
}
