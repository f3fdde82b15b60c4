// NOT, AND, OR and sequences over stories with known truth: node composition.mjs FOLDER, made by
// `python models/training/make_clips.py stories FOLDER`. Prints how much of what is found is true, and how much is found.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ask, counts, startServer } from './ingestion/server.mjs';

/** Queries of a kind, each true of something. */
const QUERIES = 80;

const folder = resolve(process.argv[2]);
const stories = JSON.parse(readFileSync(join(folder, 'truth.json')));
const root = mkdtempSync(join(tmpdir(), 'clipql-bench-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

const server = startServer({ DATA_DIR: root, MEDIA_DIRS: folder });
const url = await server.ready;
await ask(url, 'mutation ($input: IngestFolderInput!) { ingestFolder(input: $input) { queued } }', {
  input: { path: folder },
});
for (let left = 1; left > 0; await setTimeout(200)) {
  const { queued, running } = await counts(url);
  left = queued + running;
}

const thing = ({ colour, shape }) => `${/^[aeiou]/.test(colour) ? 'an' : 'a'} ${colour} ${shape}`;
const things = [...new Set(stories.flatMap(({ scenes }) => scenes.flat().map(thing)))].sort();
const shapes = [...new Set(things.map((name) => name.split(' ')[2]))];
const colours = [...new Set(things.map((name) => name.split(' ')[1]))];
const some = (scene, name) =>
  scene.some((figure) => thing(figure) === name || Object.values(figure).includes(name));
const inStory = ({ scenes }, name) => scenes.some((scene) => some(scene, name));
const pairs = things.flatMap((a) => things.map((b) => [a, b])).filter(([a, b]) => a !== b);

const kinds = {
  'one text: "a red circle"': things.map((a) => ({
    search: { text: a },
    holds: (story) => inStory(story, a),
  })),
  'AND: all ["a red circle", "a blue star"]': pairs.map(([a, b]) => ({
    search: { all: [a, b] },
    holds: (story) => inStory(story, a) && inStory(story, b),
  })),
  'the same in one text: "a red circle and a blue star"': pairs.map(([a, b]) => ({
    search: { text: `${a} and ${b}` },
    holds: (story) => inStory(story, a) && inStory(story, b),
  })),
  'OR: any ["a red circle", "a blue star"]': pairs.map(([a, b]) => ({
    search: { any: [a, b] },
    holds: (story) => inStory(story, a) || inStory(story, b),
  })),
  'NOT: "a circle", not ["something red"]': shapes.flatMap((shape) =>
    colours.map((colour) => ({
      search: { text: `a ${shape}`, not: [`something ${colour}`] },
      holds: (story) => inStory(story, shape) && !inStory(story, colour),
    })),
  ),
  'the same in one text: "a circle that is not red"': shapes.flatMap((shape) =>
    colours.map((colour) => ({
      search: { text: `a ${shape} that is not ${colour}` },
      holds: (story) => inStory(story, shape) && !inStory(story, colour),
    })),
  ),
  'sequence ["a red circle", "a blue star"]': pairs.map(([a, b]) => ({
    search: { sequence: [a, b] },
    holds: ({ scenes }) =>
      scenes.some((first, i) => some(first, a) && scenes.slice(i + 1).some((later) => some(later, b))),
  })),
  'the same in one text: "a red circle, then a blue star"': pairs.map(([a, b]) => ({
    search: { text: `${a}, then ${b}` },
    holds: ({ scenes }) =>
      scenes.some((first, i) => some(first, a) && scenes.slice(i + 1).some((later) => some(later, b))),
  })),
};

const SEARCH = `query ($text: String, $all: [String!], $any: [String!], $not: [String!], $sequence: [String!], $after: String) {
  searchVideos(text: $text, all: $all, any: $any, not: $not, sequence: $sequence, after: $after, first: 100) {
    edges { node { title } } pageInfo { hasNextPage endCursor } } }`;

async function found(search) {
  const titles = [];
  for (let after = null; ; ) {
    const { searchVideos } = await ask(url, SEARCH, { ...search, after });
    titles.push(...searchVideos.edges.map((edge) => edge.node.title));
    if (!searchVideos.pageInfo.hasNextPage) return titles;
    after = searchVideos.pageInfo.endCursor;
  }
}

const titleOf = ({ file }) => file.replace(/\.\w+$/, '');
console.log(`${stories.length} stories, ${stories.flatMap(({ scenes }) => scenes).length} scenes`);
console.log('| | queries | true a query | precision | recall |\n|---|---|---|---|---|');
for (const [kind, all] of Object.entries(kinds)) {
  const queries = all.filter(({ holds }) => stories.some(holds));
  const asked = queries.filter((_, i) => i % Math.ceil(queries.length / QUERIES) === 0);
  let [hits, returned, relevant] = [0, 0, 0];
  for (const { search, holds } of asked) {
    const titles = await found(search);
    const expected = new Set(stories.filter(holds).map(titleOf));
    hits += titles.filter((title) => expected.has(title)).length;
    returned += titles.length;
    relevant += expected.size;
  }
  const cells = [kind, asked.length, (relevant / asked.length).toFixed(1)];
  console.log(`| ${[...cells, (hits / returned).toFixed(3), (hits / relevant).toFixed(3)].join(' | ')} |`);
}
server.kill('SIGTERM');
await server.ended;
