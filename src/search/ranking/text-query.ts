import { ClipqlError } from '../../errors.ts';
import type { XClip } from '../../xclip/xclip.ts';
import { checkText } from '../check-text.ts';
import { embedQuery, type Query } from '../query.ts';

/** What a search may ask for; at least one text that is not under `not`. */
export interface SearchTexts {
  text?: string | null | undefined;
  /** Each must hold, as `text` must. */
  all?: string[] | null | undefined;
  /** One of them must hold. */
  any?: string[] | null | undefined;
  /** None of them may hold. */
  not?: string[] | null | undefined;
  /** Must hold one after the other. */
  sequence?: string[] | null | undefined;
  /** The last of a sequence begins at most so many seconds after the first. */
  withinSeconds?: number | null | undefined;
}

/** Those texts, trimmed, in one form for all the ways to ask for the same. */
export interface CheckedTexts {
  all: string[];
  any: string[];
  not: string[];
  sequence: string[];
  withinSeconds: number | null;
}

/** The texts with their embeddings. */
export interface TextQuery {
  all: Query[];
  any: Query[];
  not: Query[];
  sequence: Query[];
  /** Infinite: however much later. */
  withinSeconds: number;
}

/** Texts of one search: each is scored against its own nearest clips. */
const MAX_TEXTS = 10;

/** Throws `BAD_USER_INPUT` for texts that are empty, too long or too many, and when nothing is asked for. */
export function checkTexts(given: SearchTexts): CheckedTexts {
  const list = (texts: string[] | null | undefined, name: string) =>
    (texts ?? []).map((text, i) => checkText(text, `\`${name}[${i}]\``));
  const text = given.text == null ? [] : [checkText(given.text, '`text`')];
  const texts = {
    all: [...text, ...list(given.all, 'all')],
    any: list(given.any, 'any'),
    not: list(given.not, 'not'),
    sequence: list(given.sequence, 'sequence'),
  };
  const { all, any, not, sequence } = texts;
  if (all.length + any.length + sequence.length === 0) {
    throw bad('Say what to look for: `text`, `all`, `any` or `sequence`. `not` alone finds nothing.');
  }
  if (sequence.length === 1) throw bad('`sequence` needs two texts or more. For one, use `text`.');
  const count = all.length + any.length + not.length + sequence.length;
  if (count > MAX_TEXTS) throw bad(`A search may hold ${MAX_TEXTS} texts, not ${count}.`);
  const withinSeconds = given.withinSeconds ?? null;
  if (withinSeconds !== null && sequence.length === 0) {
    throw bad('`withinSeconds` goes with `sequence`: give the texts that follow each other there.');
  }
  if (withinSeconds !== null && !(withinSeconds > 0)) throw bad('`withinSeconds` must be above 0.');
  return { ...texts, withinSeconds };
}

/** Embeds each text, see `embedQuery`. */
export async function embedTexts(
  model: XClip,
  texts: CheckedTexts,
  signal?: AbortSignal,
): Promise<TextQuery> {
  const embed = async (list: string[]) => {
    const queries: Query[] = [];
    for (const text of list) queries.push(await embedQuery(model, text, signal));
    return queries;
  };
  return {
    all: await embed(texts.all),
    any: await embed(texts.any),
    not: await embed(texts.not),
    sequence: await embed(texts.sequence),
    withinSeconds: texts.withinSeconds ?? Number.POSITIVE_INFINITY,
  };
}

/** Several texts have no scale in common but that of relevance. */
export function isSingle({ all, any, not, sequence }: TextQuery): boolean {
  return all.length + any.length === 1 && not.length + sequence.length === 0;
}

const bad = (message: string) => new ClipqlError('BAD_USER_INPUT', message);
