import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { probe } from '#src/media/probe.js';
import { readClips } from '#src/media/read-clips.js';
import { clipWindows } from '#src/media/windows.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import type { FeaturesForm } from '#src/xclip/xclip.js';
import { all } from '../media/all.js';
import { BUNDLED_MODEL } from '../open-library.js';
import { startApp } from '../start-app.js';
import { DEFAULTS } from '../xclip/fixtures.js';

const SAMPLES = resolve('samples');
const TEXT = 'a red circle moving left';
/** What is ingested with the setting at this value, and how far from the published logit its score may be. */
const VIDEOS: { form: FeaturesForm; title: string; error: number }[] = [
  { form: 'fp32', title: 'a red circle moving left', error: 1e-5 },
  { form: 'int8', title: 'a red ring moving up', error: 1e-2 },
  { form: 'none', title: 'a blue circle moving down', error: 1e-5 },
];

/** The logit of a sample of one clip: the published one, but for `none`, straight from the engine. */
async function logitOf(title: string, features: FeaturesForm): Promise<number> {
  const checkpoint = await loadCheckpoint(BUNDLED_MODEL, 'bundled', true);
  const model = await openXClip(checkpoint, { ...DEFAULTS, features });
  onTestFinished(() => model.close());
  const path = join(SAMPLES, `${title}.mp4`);
  const probed = await probe(path);
  const shape = { frames: model.frames, sampling: 'UNIFORM' as const, ...model.framing };
  const [clip, ...others] = await all(readClips(path, probed, clipWindows(probed.duration), shape));
  expect(others).toEqual([]);
  const { embedding, patchFeatures } = await model.encodeClip(clip?.frames as Uint8Array);
  const texts = await model.encodeTexts([TEXT]);
  const [logit] = await model.score(texts, [
    { embedding, patchFeatures: { form: features, bytes: patchFeatures } },
  ]);
  return logit as number;
}

test('videos ingested while features are kept in other forms are scored by what there is', async () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'clipql-forms-'));
  onTestFinished(() => rmSync(DATA_DIR, { recursive: true }));
  const scores: Record<string, number> = {};
  for (const { form, title } of VIDEOS) {
    const app = await startApp({ DATA_DIR, PATCH_FEATURES: form, MEDIA_DIRS: SAMPLES });
    onTestFinished(() => app.close());
    expect(await app.ingest({ path: join(SAMPLES, `${title}.mp4`) })).toMatchObject({ state: 'SUCCEEDED' });
    const { data } = await app.ask(
      'query ($text: String!) { searchVideos(text: $text, minRelevance: 0) { approximate edges { score node { title } } } }',
      { text: TEXT },
    );
    const { approximate, edges } = data.searchVideos;
    expect(approximate).toBe(form === 'none');
    expect(edges[0].node.title).toBe(TEXT);
    for (const { score, node } of edges) scores[node.title] = score;
    await app.close();
  }
  for (const { form, title, error } of VIDEOS) {
    const expected = await logitOf(title, form === 'none' ? 'none' : 'fp32');
    expect(Math.abs((scores[title] as number) - expected) / Math.abs(expected)).toBeLessThan(error);
  }
}, 180_000);
