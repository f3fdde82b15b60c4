import { Link } from 'wouter-preact';
import type { SearchQuery } from '../api/documents.ts';
import { percent, span } from '../parts/format.ts';
import { VideoCard } from '../parts/video-card.tsx';
import type { Question } from './question.ts';

type Edge = SearchQuery['searchVideos']['edges'][number];
type Moment = Edge['moments'][number];

/** Moments that are named below a video; the strip shows all. */
const NAMED = 3;

/** A video that was found, and where in it; each moment plays at a click. */
export function SearchResult({
  found: { node, relevance, moments },
  question,
}: {
  found: Edge;
  question: Question;
}) {
  const [first] = moments;
  const href = (moment: Moment) =>
    `/videos/${node.id}?t=${moment.start.toFixed(2)}&q=${encodeURIComponent(moment.text ?? question.text)}`;

  return (
    <VideoCard video={node} clip={first?.clip.index} {...(first && { href: href(first) })}>
      <div class="moment-strip" aria-hidden="true">
        {moments.map((moment) => (
          <Link
            key={`${moment.start} ${moment.text}`}
            href={href(moment)}
            tabIndex={-1}
            title={`${span(moment)}: ${percent(moment.relevance)}`}
            style={{
              left: `${(moment.start / node.duration) * 100}%`,
              width: `${((moment.end - moment.start) / node.duration) * 100}%`,
              opacity: 0.35 + 0.65 * moment.relevance,
            }}
          />
        ))}
      </div>
      <div class="row">
        <span class="small muted numbers">{percent(relevance)} relevant</span>
        <ul class="row" aria-label="Moments">
          {moments.slice(0, NAMED).map((moment) => (
            <li key={`${moment.start} ${moment.text}`}>
              <Link class="moment numbers" href={href(moment)}>
                <span class="hidden">Play </span>
                {span(moment)}
                {question.next && moment.text && <span class="muted"> {moment.text}</span>}
              </Link>
            </li>
          ))}
          {moments.length > NAMED && <li class="muted small">and {moments.length - NAMED} more</li>}
        </ul>
      </div>
    </VideoCard>
  );
}
