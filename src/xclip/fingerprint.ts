import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ModelConfig } from './model-config.ts';
import type { Preprocessing } from './preprocessing.ts';

/** How T frames are taken from a clip: the middle of T equal parts. Part of the fingerprint. */
const SAMPLING = 'UNIFORM';

/**
 * SHA-256 (hex) over what decides where a video or a text lies in the embedding space: weights, config, tokenizer,
 * preprocessing and sampling rule. Two writings of the same config (a default written out or not) are the same model.
 */
export async function fingerprint(
  weightsPath: string,
  tokenizerPath: string,
  config: ModelConfig,
  preprocessing: Preprocessing,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(sorted({ config, preprocessing, sampling: SAMPLING })));
  await updateFrom(hash, weightsPath);
  await updateFrom(hash, tokenizerPath);
  return hash.digest('hex');
}

// Each file enters by its own digest, so that no byte can move from one to the other unseen.
async function updateFrom(hash: Hash, path: string): Promise<void> {
  const file = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) file.update(chunk);
  hash.update(file.digest());
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
