import { createClient, type ServerOptions } from './client.ts';
import { clock } from './clock.ts';
import { oneLine } from './one-line.ts';

export interface SearchOptions extends ServerOptions {
  first: number;
  minRelevance?: number;
  all: string[];
  any: string[];
  not: string[];
  /** What follows the text, one after the other. */
  then: string[];
  within?: number;
  json?: boolean;
}

interface Found {
  relevance: number;
  node: { id: string; title: string };
  moments: { start: number; end: number }[];
}

const SEARCH = `query ($text: String, $all: [String!], $any: [String!], $not: [String!], $sequence: [String!],
    $withinSeconds: Float, $first: Int, $after: String, $minRelevance: Float) {
  searchVideos(text: $text, all: $all, any: $any, not: $not, sequence: $sequence, withinSeconds: $withinSeconds,
      first: $first, after: $after, minRelevance: $minRelevance) {
    totalRelevant pageInfo { hasNextPage endCursor } edges { relevance score node { id title } moments { start end score relevance text } } } }`;

/** Edges the server gives at once. */
const PAGE = 100;
/** Moments shown of a video. */
const MOMENTS = 3;

/** Prints the videos that texts describe, best first. */
export async function search(
  text: string,
  { first, minRelevance, all, any, not, then, within, json, ...server }: SearchOptions,
): Promise<void> {
  const what = then.length > 0 ? { sequence: [text, ...then], withinSeconds: within } : { text };
  const client = createClient(server);
  const edges: Found[] = [];
  let total = 0;
  for (let after: string | null = null, more = true; more && edges.length < first; ) {
    const page = { first: Math.min(PAGE, first - edges.length), after };
    const { searchVideos } = await client.ask(SEARCH, { ...what, all, any, not, minRelevance, ...page });
    edges.push(...searchVideos.edges);
    total = searchVideos.totalRelevant;
    [more, after] = [searchVideos.pageInfo.hasNextPage, searchVideos.pageInfo.endCursor];
  }
  if (json) return console.log(JSON.stringify(edges));
  if (edges.length === 0) {
    return console.log('Nothing relevant. --min-relevance 0 shows the nearest all the same.');
  }
  for (const { relevance, node, moments } of edges) {
    const where = moments
      .slice(0, MOMENTS)
      .map((moment) => `${clock(moment.start)}–${clock(moment.end)}`)
      .join(' ');
    console.log(`${relevance.toFixed(3)}  ${where.padEnd(11)}  ${oneLine(node.title)}  (${node.id})`);
  }
  if (total > edges.length) console.log(`… and ${total - edges.length} more: --first ${total}`);
}
