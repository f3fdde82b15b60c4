import { createClient, type ServerOptions } from './client.ts';
import { clock } from './clock.ts';
import { oneLine } from './one-line.ts';

export interface SearchOptions extends ServerOptions {
  first: number;
  minRelevance?: number;
  json?: boolean;
}

interface Found {
  relevance: number;
  node: { id: string; title: string };
  moments: { start: number; end: number }[];
}

const SEARCH = `query ($text: String!, $first: Int, $minRelevance: Float) {
  searchVideos(text: $text, first: $first, minRelevance: $minRelevance) {
    edges { relevance score node { id title } moments { start end score } } } }`;

/** Prints the videos that a text describes, best first. */
export async function search(
  text: string,
  { first, minRelevance, json, ...server }: SearchOptions,
): Promise<void> {
  const { searchVideos } = await createClient(server).ask(SEARCH, { text, first, minRelevance });
  if (json) return console.log(JSON.stringify(searchVideos.edges));
  if (searchVideos.edges.length === 0) {
    return console.log('Nothing relevant. --min-relevance 0 shows the nearest all the same.');
  }
  for (const { relevance, node, moments } of searchVideos.edges as Found[]) {
    const [moment] = moments;
    const where = moment ? `${clock(moment.start)}–${clock(moment.end)}` : '';
    console.log(`${relevance.toFixed(3)}  ${where.padEnd(11)}  ${oneLine(node.title)}  (${node.id})`);
  }
}
