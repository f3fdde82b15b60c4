import { useQuery } from '@urql/preact';
import { useEffect, useRef } from 'preact/hooks';
import { LibraryDocument, type VideoFilter } from '../api/documents.ts';
import { useLiveIngestions } from '../api/use-live-ingestions.ts';
import { Following } from '../parts/following.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { useThrottled } from '../parts/use-throttled.ts';
import { VideoCard } from '../parts/video-card.tsx';
import { EmptyLibrary } from './empty-library.tsx';

/** Videos a page. */
const FIRST = 24;
/** Pictures that are seen at once on a usual screen. */
const EAGER = 8;
/** Milliseconds between two looks at the first page while videos are being ingested. */
const REFRESH_EVERY = 1000;

/** The videos of the library, newest first; more come while one scrolls, and new ones while its top is looked at. */
export function Gallery({ filter }: { filter: VideoFilter | null }) {
  return (
    <ul class="gallery" aria-label="Videos">
      <FirstPage key={JSON.stringify(filter)} filter={filter} />
    </ul>
  );
}

/** Whether the top of the library is seen: further down new videos would move what one looks at. */
const atTop = (): boolean => scrollY < innerHeight / 2;

function FirstPage({ filter }: { filter: VideoFilter | null }) {
  const [page, again] = usePage(filter, null);
  const outdated = useRef(false);
  const refresh = useThrottled(() => {
    if (!outdated.current || !atTop()) return;
    outdated.current = false;
    again({ requestPolicy: 'network-only' });
  }, REFRESH_EVERY);
  useLiveIngestions(() => {
    outdated.current = true;
    refresh();
  });
  useEffect(() => {
    addEventListener('scroll', refresh, { passive: true });
    return () => removeEventListener('scroll', refresh);
  }, [refresh]);

  if (page.data?.videos.edges.length === 0) {
    return <li class="gallery-row">{filter ? <p>No video is like that.</p> : <EmptyLibrary />}</li>;
  }
  return <Videos page={page} filter={filter} eager={EAGER} />;
}

function LaterPage({ filter, after }: { filter: VideoFilter | null; after: string | null }) {
  const [page] = usePage(filter, after);
  return <Videos page={page} filter={filter} eager={0} />;
}

const usePage = (filter: VideoFilter | null, after: string | null) =>
  useQuery({
    query: LibraryDocument,
    variables: { first: FIRST, after, filter },
  });

interface VideosProps {
  page: ReturnType<typeof usePage>[0];
  filter: VideoFilter | null;
  eager: number;
}

/** A page of videos, and those that follow it. */
function Videos({ page: { data, error }, filter, eager }: VideosProps) {
  if (!data) return error ? <li class="gallery-row">{<Trouble error={error} />}</li> : null;
  const { edges, pageInfo } = data.videos;
  return (
    <>
      {edges.map(({ node }, index) => (
        <VideoCard key={node.id} video={node} eager={index < eager} />
      ))}
      <Following pageInfo={pageInfo}>{(after) => <LaterPage filter={filter} after={after} />}</Following>
    </>
  );
}
