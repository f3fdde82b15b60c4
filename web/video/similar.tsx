import { useQuery } from '@urql/preact';
import { SimilarVideosDocument } from '../api/documents.ts';
import { VideoCard } from '../parts/video-card.tsx';

/** Videos that are shown. */
const FIRST = 6;

/** The videos most like this one, from where they are most like it. */
export function Similar({ id }: { id: string }) {
  const [{ data }] = useQuery({ query: SimilarVideosDocument, variables: { id, first: FIRST } });
  if (!data || data.similarVideos.edges.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="similar-title">
      <h2 id="similar-title">Similar videos</h2>
      <ul class="gallery">
        {data.similarVideos.edges.map(({ node, clip }) => (
          <VideoCard
            key={node.id}
            video={node}
            {...(clip.start > 0 && { href: `/videos/${node.id}?t=${clip.start.toFixed(2)}` })}
          />
        ))}
      </ul>
    </section>
  );
}
