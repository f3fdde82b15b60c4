import { ClipqlError } from '../../errors.ts';
import type { SearchParts } from '../parts.ts';
import type { OpenSearch } from './open-search.ts';
import { type RankedVideo, rankVideos } from './rank-videos.ts';
import { newTally, type Tally } from './tally.ts';
import { isSingle } from './text-query.ts';

/** What was looked at for an answer. */
export interface SearchReceipt {
  /** Text–clip pairs that were scored for this page. */
  scored: number;
  /** How the nearest clips were found: all looked at, or by an index, which may miss some. */
  scan: 'FULL' | 'INDEX';
  /** Clips and videos that the search ranges over. */
  searched(): Promise<{ clips: number; videos: number }>;
  /**
   * The share of this page that a full exact scoring of every clip puts there, too; of pages of different lengths the
   * longer one's. Throws `TOO_COSTLY` for a library that is too large for that.
   */
  overlap(): Promise<number>;
}

/** Text–clip pairs that a full scoring may take: about ten seconds of B/16 on two cores. */
const MOST_PAIRS = 20_000;
/** Videos that are scored at a time. */
const BATCH = 200;

/** The receipt of a page: of what was tallied, `first` edges at most, and these. */
export function receiptOf(
  parts: SearchParts,
  open: OpenSearch,
  { scored, index }: Tally,
  first: number,
  edges: { video: { id: string } }[],
  signal?: AbortSignal,
): SearchReceipt {
  const { store, model } = parts;
  const { query, filter, cut, place } = open;
  const library = { model: model.fingerprint, snapshot: place.snapshot, filter };
  let counted: ReturnType<typeof store.clips.count> | undefined;
  const searched = () => {
    counted ??= store.clips.count(library);
    return counted;
  };
  return {
    ...{ scored, scan: index ? 'INDEX' : 'FULL', searched },
    async overlap() {
      const { clips, videos } = await searched();
      const texts = [query.all, query.any, query.not, query.sequence].flat();
      const pairs = clips * texts.length;
      if (pairs > MOST_PAIRS) {
        throw new ClipqlError(
          'TOO_COSTLY',
          `\`overlap\` scores every clip: ${pairs} pairs of text and clip; ${MOST_PAIRS} are allowed. Narrow the search with \`filter\`, or leave it out.`,
        );
      }
      const queries = { all: texts.map((text) => text.unit), any: [] };
      const every = await store.clips.nearestVideos({ ...library, queries, limit: videos });
      const scoring = { exact: true, everyClip: true, tally: newTally() };
      const ranked: RankedVideo[] = [];
      for (let i = 0; i < every.videos.length; i += BATCH) {
        const ids = every.videos.slice(i, i + BATCH).map((key) => key.videoId);
        ranked.push(...(await rankVideos(parts, query, ids, cut, scoring, signal)).ranked);
      }
      const by = isSingle(query) ? 'score' : 'relevance';
      const expected = ranked
        .filter((video) => video.relevance >= cut.minRelevance)
        .sort((a, b) => b[by] - a[by])
        .slice(place.before, place.before + first)
        .map((video) => video.videoId);
      const shared = edges.filter((edge) => expected.includes(edge.video.id)).length;
      const length = Math.max(edges.length, expected.length);
      return length === 0 ? 1 : shared / length;
    },
  };
}
