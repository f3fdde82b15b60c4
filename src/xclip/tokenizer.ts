import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { CheckpointError } from './checkpoint-error.ts';

/** The tokens of a text, ready for the text graph. */
export type Tokenize = (text: string) => number[];

/**
 * Reads a checkpoint's `tokenizer.json`.
 * @param vocabulary rows of the model's token table: every token must have one
 * @param positions most tokens of a text; a longer text is cut, keeping its end-of-text token
 * @throws CheckpointError when the file is missing or no tokenizer of this model.
 */
export async function readTokenizer(path: string, vocabulary: number, positions: number): Promise<Tokenize> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new CheckpointError(path, `the file cannot be read (${cause.message}).`, { cause });
  });
  let encode: (text: string) => number[];
  try {
    const tokenizer = new Tokenizer(JSON.parse(text), {});
    // JavaScript lower-cases a sigma at the end of a word to ς, the reference lower-cases letter by letter.
    encode = (text) => tokenizer.encode(text.replaceAll('Σ', 'σ')).ids;
    encode('a video');
  } catch (cause) {
    throw new CheckpointError(path, `this is not a usable tokenizer (${(cause as Error).message}).`, {
      cause,
    });
  }
  const largest = Math.max(...encode('a video'));
  if (largest >= vocabulary) {
    throw new CheckpointError(
      path,
      `it makes token ${largest}, but the model of config.json knows ${vocabulary} tokens.`,
    );
  }
  return (text) => untilEnd(cut(encode(text), positions));
}

function cut(ids: number[], positions: number): number[] {
  return ids.length <= positions ? ids : [...ids.slice(0, positions - 1), ...ids.slice(-1)];
}

// The reference takes a text's embedding at its first largest token (end-of-text); attention is causal, so nothing after it matters.
function untilEnd(ids: number[]): number[] {
  return ids.slice(0, ids.indexOf(Math.max(...ids)) + 1);
}
