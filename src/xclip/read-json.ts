import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { CheckpointError } from './checkpoint-error.ts';

/**
 * Reads a JSON file of a checkpoint and checks it.
 * @throws CheckpointError naming the file and each wrong key.
 */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new CheckpointError(path, `the file cannot be read (${cause.message}).`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(path, `the file is not JSON (${(cause as Error).message}). Fetch it again.`, {
      cause,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: key, message }) =>
    [key.join('.'), message].filter(Boolean).join(': '),
  );
  throw new CheckpointError(path, `${problems.join('; ')}.`);
}
