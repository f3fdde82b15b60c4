import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Video } from '#src/store/types.js';
import { openLibrary } from '../open-library.js';
import { makeVideo } from './make-video.js';

const KILLS = 4;
/** Seconds and clips of the videos: 36 clips in all. */
const VIDEOS = [
  { seconds: 120, clips: 12 },
  { seconds: 3, clips: 1 },
  { seconds: 230, clips: 23 },
];

let media: string;
let dataDir: string;

beforeAll(async () => {
  media = await realpath(await mkdtemp(join(tmpdir(), 'clipql-media-')));
  dataDir = await mkdtemp(join(tmpdir(), 'clipql-killed-'));
});

afterAll(async () => {
  await rm(media, { recursive: true });
  await rm(dataDir, { recursive: true, force: true });
});

/** Starts the process and waits until it ingests. */
async function startProcess(paths: string[]): Promise<{ child: ChildProcess; lines: AsyncIterator<string> }> {
  const child = spawn(process.execPath, ['test/ingest/ingest-process.mjs', dataDir, ...paths], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('started');
  return { child, lines };
}

test('killed again and again while it ingests: nothing is lost, nothing is double', {
  timeout: 180_000,
}, async () => {
  const paths = await Promise.all(
    VIDEOS.map(({ seconds }, i) => makeVideo(join(media, `${i}.mp4`), seconds, 40 * i)),
  );
  const copy = join(media, 'copy.mp4');
  await copyFile(paths[0] as string, copy);
  let killed = 0;
  for (let queue = [...paths, copy]; killed < KILLS; queue = []) {
    const { child } = await startProcess(queue);
    const exited = once(child, 'exit');
    // Moments spread over the work, the same in every run of the test.
    await Promise.race([exited, setTimeout(60 + 170 * killed)]);
    child.kill('SIGKILL');
    await exited;
    killed++;
  }
  const { child, lines } = await startProcess([]);
  expect((await lines.next()).value).toBe('finished');
  if (child.exitCode === null) await once(child, 'exit');

  const library = await openLibrary(dataDir);
  const { store, model } = library;
  const ingestions = (await store.ingestions.page({ first: 100 })).edges.map(({ node }) => node).reverse();
  expect(ingestions.map(({ state }) => state)).toEqual(Array(4).fill('SUCCEEDED'));
  // Of the two of the same bytes one is the duplicate; which, depends on where the first was interrupted.
  const [first, second, third, ofCopy] = ingestions.map(({ duplicate }) => duplicate);
  expect([second, third, [first, ofCopy].sort()]).toEqual([false, false, [false, true]]);
  expect(ingestions[3]?.videoId).toBe(ingestions[0]?.videoId);
  // In the order they were asked for; interrupted ones come into the library later.
  const videos = await Promise.all(
    ingestions.slice(0, 3).map(async ({ videoId }) => (await store.videos.get(videoId as string)) as Video),
  );
  expect((await store.videos.page({ first: 100 })).edges).toHaveLength(3);
  expect(videos.map((video) => Math.round(video.duration))).toEqual(VIDEOS.map((video) => video.seconds));
  for (const [i, video] of videos.entries()) {
    const { clips } = VIDEOS[i] as (typeof VIDEOS)[0];
    expect(video.searchable).toBe(true);
    const embedded = await store.clips.of(video.id, model.fingerprint);
    expect(embedded.map((clip) => clip.index)).toEqual(Array.from({ length: clips }, (_, index) => index));
    const { path } = store.features.location(
      { model: model.fingerprint, videoId: video.id, edition: 0, index: 0, form: 'fp16' },
      0,
    );
    expect((await stat(path)).size).toBe(clips * model.patches * model.dimensions * 2);
    const pictures = await readdir(join(dataDir, 'pictures', video.id));
    const sheets = Array.from({ length: clips }, (_, index) => `sheet-${index}.webp`);
    expect(pictures.filter((name) => !name.endsWith('.tmp')).sort()).toEqual(
      ['poster.webp', 'sheet.webp', ...sheets].sort(),
    );
  }
  await library.close();
});
