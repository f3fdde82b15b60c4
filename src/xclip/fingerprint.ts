import { createHash, type Hash } from 'node:crypto';
import { basename } from 'node:path';
import { CheckpointError } from './checkpoint-error.ts';
import { hashFile } from './hub/digest.ts';
import type { ModelConfig } from './model-config.ts';
import type { Preprocessing } from './preprocessing.ts';

/**
 * SHA-256 (hex) over what decides where a video or a text lies in the embedding space: weights, config, tokenizer,
 * preprocessing and sampling rule. Two writings of the same config (a default written out or not) are the same model.
 * @param weightsPath without symlinks
 * @param sampling the name of the rule by which T frames are taken from a clip
 * @throws CheckpointError when a blob of the hub's cache does not hold what its name says
 */
export async function fingerprint(
  weightsPath: string,
  tokenizerPath: string,
  config: ModelConfig,
  preprocessing: Preprocessing,
  sampling: string,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(sorted({ config, preprocessing, sampling })));
  await updateFrom(hash, weightsPath);
  await updateFrom(hash, tokenizerPath);
  return hash.digest('hex');
}

// Each file enters by its own digest, so that no byte can move from one to the other unseen.
async function updateFrom(hash: Hash, path: string): Promise<void> {
  const digest = (await hashFile(createHash('sha256'), path)).digest();
  // In the hub's cache a large file is named after what it holds.
  if (/^[0-9a-f]{64}$/.test(basename(path)) && basename(path) !== digest.toString('hex')) {
    throw new CheckpointError(path, 'the file is damaged: its SHA-256 is not its name. Fetch it again.');
  }
  hash.update(digest);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
