import './video-card.css';
import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import type { VideoCardFragment } from '../api/documents.ts';
import { Poster } from './poster.tsx';
import { Tags } from './tags.tsx';

/** Tags that a card has room for; the video's own view has all. */
const SHOWN_TAGS = 6;

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
      <Tags tags={video.tags.slice(0, SHOWN_TAGS)} />
      {children}
    </li>
  );
}
