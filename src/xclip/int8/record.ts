import { z } from 'zod';
import { readMetadata } from '../safetensors.ts';

/** Raised when the way weights are brought to int8 changes, so that files made the old way are made again. */
export const VERSION = 1;

const record = z.object({
  version: z.literal(VERSION),
  /** The checkpoint's, over weights, config, tokenizer and preprocessing. */
  fingerprint: z.string(),
  bits: z.union([z.literal(8), z.literal(7)]),
  /** Layers that stay in fp32, those with the largest expected error. */
  fp32: z.array(z.string()),
  /** Smallest cosine of an embedding to that of fp32, among the clips and the texts of the check. */
  cosine: z.object({ video: z.number(), text: z.number() }),
});

/** What was decided when a checkpoint was brought to int8, and why: kept in the file's metadata. */
export type Int8Record = z.infer<typeof record>;

/** The record of an int8 file; null when there is none that can be used. */
export async function readRecord(path: string): Promise<Int8Record | null> {
  const { clipql_int8: text } = await readMetadata(path).catch(() => ({ clipql_int8: null }));
  if (typeof text !== 'string') return null;
  return record.safeParse(JSON.parse(text)).data ?? null;
}

export const asMetadata = (value: Int8Record) => ({ clipql_int8: JSON.stringify(value) });
