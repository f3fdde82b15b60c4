import { ClipqlError } from '../errors.ts';
import { publicName } from './public-name.ts';

/** What a model is doing. */
export type ModelState = 'FETCHING' | 'LOADING' | 'READY' | 'FAILED';

/** How far a model is that is not there yet. */
export interface Arrival {
  name: string;
  state: Exclude<ModelState, 'READY'>;
  /** Of the bytes to fetch, 0 to 1. */
  progress: number;
  /** Bytes to fetch, once known. */
  total: number | null;
  /** Why it failed, or what it waits for before it tries again. */
  error: string | null;
}

/** How a model is doing that is not there yet, in a sentence. */
export function describeArrival({ name, state, progress, total, error }: Arrival): string {
  const size = total === null ? '' : ` of ${Math.ceil(total / 1e6)} MB`;
  const going = {
    FETCHING: `is being fetched: ${Math.floor(progress * 100)} %${size}`,
    LOADING: 'is being loaded',
    FAILED: 'cannot be used',
  }[state];
  return `The model ${publicName(name)} ${going}${error ? `: ${error}` : '.'}`;
}

/** The error for what needs a model that is not there; a client may try again. */
export function notReady(arrival: Arrival, cause?: unknown): ClipqlError {
  const { state, progress } = arrival;
  const then =
    state === 'FAILED' ? '' : ' Try again in a while; `model { state progress }` says how far it is.';
  const message = `${describeArrival(arrival)}${then}`;
  return new ClipqlError('MODEL_NOT_READY', message, { cause, details: { modelState: state, progress } });
}

/** What is wrong, for clients: without the folders that files lie in. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/(^|[\s"'(])\/\S*\//g, '$1');
}
