import type { VideoPageQuery } from '../api/documents.ts';
import { useAdmin } from '../api/session.ts';
import { clock } from '../parts/format.ts';
import { Tags } from '../parts/tags.tsx';
import { EditVideo } from './edit-video.tsx';

interface Props {
  video: NonNullable<VideoPageQuery['video']>;
  /** Asks for the video again. */
  refresh: () => void;
}

/** What is known about a video; whoever has the token may change it. */
export function Details({ video, refresh }: Props) {
  const { tags, warnings } = video;
  const admin = useAdmin();
  return (
    <section class="panel stack" aria-labelledby="details-title">
      <h2 id="details-title">Details</h2>
      {warnings.map(({ code, message }) => (
        <p key={code} class="notice small">
          {message}
        </p>
      ))}
      <Tags tags={tags} />
      <dl class="facts small">
        {factsOf(video).map(([name, value]) => (
          <div key={name}>
            <dt class="muted">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {admin && <EditVideo video={video} refresh={refresh} />}
    </section>
  );
}

function factsOf(video: Props['video']): [name: string, value: string][] {
  const { duration, width, height, frameRate, createdAt, metadata, sha256 } = video;
  const given = Object.entries(metadata as Record<string, unknown>);
  return [
    ['Duration', clock(duration, true)],
    ['Size', `${width} × ${height}`],
    ['Frames a second', frameRate === null ? 'not said' : `${Math.round(frameRate * 100) / 100}`],
    ['Clips', clipsOf(video)],
    ['In the library since', new Date(createdAt).toLocaleString()],
    ...given.map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    ['SHA-256', sha256],
  ];
}

function clipsOf({ clips, segmentation: { scenes, overlap } }: Props['video']): string {
  return `${clips.length}${scenes ? ', cut at scenes' : ''}${overlap > 0 ? ', overlapping' : ''}`;
}
