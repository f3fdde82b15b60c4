import './video-card.css';
import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import type { VideoCardFragment } from '../api/documents.ts';
import { Poster } from './poster.tsx';

interface Props {
  video: VideoCardFragment;
  /** Where a click leads; the video itself unless said. */
  href?: string;
  /** Whether it is seen at once, so that its picture should not wait. */
  eager?: boolean;
  /** The clip that its picture is of. */
  clip?: number | undefined;
  children?: ComponentChildren;
}

/** A video in a gallery. */
export function VideoCard({ video, href = `/videos/${video.id}`, eager = false, clip, children }: Props) {
  return (
    <li class="card">
      <Link href={href} class="card-link">
        <Poster video={video} eager={eager} clip={clip} />
        <span class="card-title">{video.title}</span>
      </Link>
      {!video.searchable && <span class="tag">being embedded</span>}
      {video.tags.length > 0 && (
        <ul class="row" aria-label="Tags">
          {video.tags.slice(0, 6).map((tag) => (
            <li key={tag}>
              <Link class="tag" href={`/?tag=${encodeURIComponent(tag)}`}>
                {tag}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {children}
    </li>
  );
}
