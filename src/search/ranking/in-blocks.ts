import type { Place, SearchBound } from './search-cursor.ts';

/** What is searched, in the order of stage one, and how a block of it is ordered by stage two. */
export interface Blocks<Key extends SearchBound, Match> {
  /** Those after `from`, up to `to` when it is set, else as many as a block holds; whether there were no more. */
  next(from: SearchBound | null, to: SearchBound | null): Promise<{ keys: Key[]; last: boolean }>;
  /**
   * Those that match, best first, and whether any came near enough to go on searching; `reach` is the distance from which
   * on the next block is nearer, infinite when there is none.
   */
  rank(keys: Key[], reach: number): Promise<{ matches: Match[]; near: boolean }>;
  idOf(of: Key | Match): string;
}

/** The matches from a place on, block by block, each with the place after it; to the end, or the first block with nothing near. */
export async function* inBlocks<Key extends SearchBound, Match>(
  blocks: Blocks<Key, Match>,
  place: Place,
  signal?: AbortSignal,
): AsyncGenerator<{ match: Match; place: Place }> {
  let { from, to, last, returned, before } = place;
  for (;;) {
    signal?.throwIfAborted();
    const next = await blocks.next(from, to);
    const { keys } = next;
    const end = keys.at(-1);
    if (!to) last = next.last;
    to ??= end ? bound(end) : null;
    const left = keys.filter((key) => !returned.includes(blocks.idOf(key)));
    const { matches, near } = await blocks.rank(left, last || !to ? Number.POSITIVE_INFINITY : to.distance);
    const reached = near || returned.length > 0;
    for (const match of matches) {
      returned = [...returned, blocks.idOf(match)];
      before += 1;
      yield { match, place: { ...place, from, to, last, returned, before } };
    }
    if (last || !reached) return;
    [from, to, last, returned] = [to, null, false, []];
  }
}

/** The first ones of a search, and whether more follow. */
export async function takePage<Match>(
  found: AsyncGenerator<Match>,
  first: number,
): Promise<{ page: Match[]; hasNextPage: boolean }> {
  const page: Match[] = [];
  for await (const match of found) {
    if (page.length === first) return { page, hasNextPage: true };
    page.push(match);
  }
  return { page, hasNextPage: false };
}

function bound({ distance, videoId, index }: SearchBound): SearchBound {
  return index === undefined ? { distance, videoId } : { distance, videoId, index };
}
