import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { probe } from '#src/media/probe.js';
import { readClips } from '#src/media/read-clips.js';
import { clipWindows } from '#src/media/windows.js';
import { all } from './all.js';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const shapes = JSON.parse(readFileSync(fixture('shapes.json'), 'utf8'));

// fixtures/make_fixtures.py: the same frames by PyAV and Pillow.
// Means as measured; single pixels differ more at the hard edges of a drawn pattern than in a picture.
test.each([
  ['pattern', 20],
  ['odd', 8],
  ['portrait', 8],
])('%s: the frames for the model are the reference’s', async (name, largest) => {
  const path = fixture(`${name}.mp4`);
  const probed = await probe(path);
  const [read] = await all(
    readClips(path, probed, clipWindows(probed.duration), { ...shapes[name], sampling: 'UNIFORM' }),
  );
  const expected = await sharp(fixture(`${name}.png`))
    .removeAlpha()
    .raw()
    .toBuffer();
  expect(read?.frames).toHaveLength(expected.length);
  const differences = Array.from(expected, (value, at) => Math.abs(value - (read?.frames[at] as number)));
  expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(0.2);
  expect(differences.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(largest);
});
