import type { VideoFilter } from './types.ts';

/** Query vectors, L2-normalised, D numbers each; at least one. */
export interface NearestQueries {
  /** Near to each of them. */
  all: Float32Array[];
  /** Near to one of them. */
  any: Float32Array[];
}

/** Where a search looks, and which stretch of its order is wanted: `from` is exclusive, `to` inclusive. */
export interface NearestRequest<Key> extends SearchedLibrary {
  queries: NearestQueries;
  from?: Key | undefined;
  to?: Key | undefined;
  limit: number;
}

/** The videos that are searchable with a model in a snapshot. */
export interface SearchedLibrary {
  model: string;
  snapshot: number;
  filter?: VideoFilter | null | undefined;
}
