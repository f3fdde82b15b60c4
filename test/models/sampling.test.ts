import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeClip } from '../make-clip.js';
import { startApp, type TestApp } from '../start-app.js';
import { until } from './until.js';

// Each test starts servers one after the other and embeds twice.
vi.setConfig({ testTimeout: 180_000 });

let media: string;
beforeAll(() => {
  media = mkdtempSync(join(tmpdir(), 'clipql-media-'));
  makeClip(join(media, 'red.mp4'), { colour: 'red', seconds: 6 });
});
afterAll(() => rmSync(media, { recursive: true }));

const start = (environment: Record<string, string> = {}) => startApp({ MEDIA_DIRS: media, ...environment });

async function models(app: TestApp) {
  const { data } = await app.ask('{ models { name sampling fingerprint active incoming embedded } }');
  return data.models;
}

async function scores(app: TestApp): Promise<number[]> {
  const { data } = await app.ask(
    '{ searchVideos(text: "a red square moves", minRelevance: 0) { edges { score } } }',
  );
  return data.searchVideos.edges.map((edge: { score: number }) => edge.score);
}

test('another sampling is another model: the library goes over to it, keeps it, and goes back', async () => {
  const app = await start();
  await app.ingest({ path: join(media, 'red.mp4') });
  const [uniform] = await models(app);
  const before = await scores(app);
  expect(uniform).toMatchObject({ sampling: 'UNIFORM', active: true });
  await app.close();

  const { dataDir } = app;
  const other = await start({ DATA_DIR: dataDir, SAMPLING: 'WINDOW', MODEL: 'auto' });
  const listed = await until(async () => {
    const now = await models(other);
    return now[0].sampling === 'WINDOW' && now;
  });
  expect(listed).toMatchObject([
    { name: uniform.name, active: true, embedded: 1 },
    { fingerprint: uniform.fingerprint, sampling: 'UNIFORM', active: false },
  ]);
  expect(listed[0].fingerprint).not.toBe(uniform.fingerprint);
  const windowed = await scores(other);
  await other.close();

  const kept = await start({ DATA_DIR: dataDir, MODEL: 'auto' });
  expect(await models(kept)).toEqual(listed);
  expect(await scores(kept)).toEqual(windowed);
  await kept.close();

  const back = await start({ DATA_DIR: dataDir, SAMPLING: 'UNIFORM', MODEL: 'auto' });
  expect((await models(back))[0]).toMatchObject({ fingerprint: uniform.fingerprint, active: true });
  expect(await scores(back)).toEqual(before);
  await back.close();

  const twin = await start({ SAMPLING: 'WINDOW' });
  await twin.ingest({ path: join(media, 'red.mp4') });
  expect((await models(twin))[0].fingerprint).toBe(listed[0].fingerprint);
  expect((await scores(twin))[0]).toBeCloseTo(windowed[0] as number, 4);
  expect(Math.abs((windowed[0] as number) - (before[0] as number))).toBeGreaterThan(1e-3);
  await twin.remove();
  await app.remove();
});
