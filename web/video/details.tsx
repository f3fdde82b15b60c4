import { Link } from 'wouter-preact';
import type { VideoPageQuery } from '../api/documents.ts';
import { token } from '../api/session.ts';
import { clock, plural } from '../parts/format.ts';
import { EditVideo } from './edit-video.tsx';

interface Props {
  video: NonNullable<VideoPageQuery['video']>;
  /** Asks for the video again. */
  refresh: () => void;
}

/** What is known about a video; whoever has the token may change it. */
export function Details({ video, refresh }: Props) {
  const { duration, width, height, frameRate, createdAt, clips, tags, metadata, warnings, sha256 } = video;
  const facts: [string, string][] = [
    ['Duration', clock(duration, true)],
    ['Size', `${width} × ${height}`],
    ...(frameRate
      ? ([['Frames a second', `${Math.round(frameRate * 100) / 100}`]] satisfies [string, string][])
      : []),
    ['Clips', segmentation(video)],
    ['In the library since', new Date(createdAt).toLocaleString()],
    ...Object.entries((metadata ?? {}) as Record<string, unknown>).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    ['SHA-256', sha256],
  ];
  return (
    <section class="panel stack" aria-labelledby="details-title">
      <h2 id="details-title">Details</h2>
      {warnings.map(({ code, message }) => (
        <p key={code} class="notice small">
          {message}
        </p>
      ))}
      {tags.length > 0 && (
        <ul class="row" aria-label="Tags">
          {tags.map((tag) => (
            <li key={tag}>
              <Link class="tag" href={`/?tag=${encodeURIComponent(tag)}`}>
                {tag}
              </Link>
            </li>
          ))}
        </ul>
      )}
      <dl class="facts small">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt class="muted">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {token.value && <EditVideo video={video} refresh={refresh} />}
      <p class="hidden">{plural(clips.length, 'clip')}</p>
    </section>
  );
}

function segmentation({ clips, segmentation: { scenes, overlap } }: Props['video']): string {
  const cut = scenes ? ', cut at scenes' : '';
  return `${clips.length}${cut}${overlap > 0 ? ', overlapping' : ''}`;
}
