import { ClipqlError } from '../../errors.ts';
import type { VideoFilter } from '../../store/types.ts';
import type { SearchParts } from '../parts.ts';
import type { Cut } from './moments.ts';
import type { Scoring } from './score-clips.ts';
import { atStart, decodeCursor, type Place, searchKey } from './search-cursor.ts';
import { newTally } from './tally.ts';
import { checkTexts, embedTexts, type SearchTexts, type TextQuery } from './text-query.ts';

/** What may be asked of any search. */
export interface Search extends SearchTexts {
  /** Edges a page, 1 to 100. */
  first: number;
  /** The cursor of the edge to go on after. */
  after?: string | null | undefined;
  filter?: VideoFilter | null | undefined;
  /** 0 to 1. Default: the model card's. The same on every page of a search. */
  minRelevance?: number | null | undefined;
  /** Default true. False: by the plain cosine alone, which is an estimate. */
  exact?: boolean | null | undefined;
}

/** A search that was understood, and where it goes on. */
export interface OpenSearch {
  /** The search its cursors belong to. */
  key: string;
  place: Place;
  query: TextQuery;
  filter: VideoFilter;
  cut: Cut;
  scoring: Scoring;
}

/** Without a calibration: more likely than all background texts together. */
const MORE_LIKELY = 0.5;

/**
 * Checks a search, embeds its texts and finds its place: that of `after`, else the start of the latest snapshot. `kind`
 * is what is searched and how it is ordered. Throws `BAD_USER_INPUT` and `BAD_CURSOR`.
 */
export async function openSearch(
  { store, model }: SearchParts,
  kind: string,
  search: Search,
  signal?: AbortSignal,
): Promise<OpenSearch> {
  const texts = checkTexts(search);
  const filter = search.filter ?? {};
  const exact = search.exact ?? true;
  const { calibrated, minRelevance: usual } = model.card.relevance;
  const minRelevance = search.minRelevance ?? usual;
  if (!(minRelevance >= 0 && minRelevance <= 1)) {
    throw new ClipqlError('BAD_USER_INPUT', '`minRelevance` must be a number from 0 to 1.');
  }
  const { fingerprint } = model;
  const key = searchKey({ kind, texts, filter, minRelevance, exact, fingerprint });
  const place =
    search.after == null
      ? atStart(await store.videos.snapshot(fingerprint))
      : decodeCursor(search.after, key);
  return {
    ...{
      key,
      place,
      filter,
      cut: { minRelevance, relevant: Math.max(minRelevance, calibrated ? usual : MORE_LIKELY) },
    },
    query: await embedTexts(model, texts, signal),
    scoring: { exact, tally: newTally() },
  };
}
