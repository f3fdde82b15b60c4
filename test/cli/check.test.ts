import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { fixture } from '../xclip/fixtures.js';

const CLIPQL = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const check = (...args: string[]) =>
  promisify(execFile)(process.execPath, [CLIPQL, 'model', 'check', ...args], {
    env: { PATH: process.env.PATH, HF_HUB_CACHE: '/nowhere' },
  });

test('says what a model is and how fast', async () => {
  const folder = fixture('many-layers');
  const { stdout } = await check(folder);
  const { fingerprint, config } = await loadCheckpoint(folder, folder, false);
  expect(stdout).toContain(
    `${config.vision_config.num_frames} frames of ${config.vision_config.image_size} px`,
  );
  expect(stdout).toContain(`fingerprint ${fingerprint}`);
  expect(stdout).toMatch(
    /fp32, loaded in \d+\.\d s\n {2}a clip \d+\.\d ms .*\n {2}a text \d+\.\d ms; .*\n {2}peak memory \d+/,
  );
});

test('int8: says how well it agrees with fp32', { timeout: 180_000 }, async () => {
  const { stdout } = await check('bundled', '--precision', 'int8');
  const [, least, mean] = /cosine of embeddings ([\d.]+) at least, ([\d.]+) on average/.exec(stdout) ?? [];
  expect(Number(least)).toBeGreaterThan(0.99);
  expect(Number(mean)).toBeGreaterThanOrEqual(Number(least));
  const [, equal, clips] = /the same best label for (\d+) of (\d+) clips/.exec(stdout) ?? [];
  expect(Number(equal) / Number(clips)).toBeGreaterThanOrEqual(0.97);
});

test('a model that is not there, with the command that brings it', async () => {
  await expect(check('owner/model')).rejects.toMatchObject({
    code: 1,
    stderr:
      'clipql: owner/model cannot be used: it is not in the local cache. Fetch it: npx clipql model pull owner/model\n',
  });
});
