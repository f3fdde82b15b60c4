import { ClipqlError } from '../errors.ts';
import { megabytes } from '../xclip/hub/megabytes.ts';
import { publicName } from './public-name.ts';

/** What a model is doing. */
export type ModelState = 'FETCHING' | 'LOADING' | 'READY' | 'FAILED';

/** How far a model is that is not there yet. */
export interface Arrival {
  name: string;
  state: Exclude<ModelState, 'READY'>;
  /** Of the bytes to fetch, or of the weights to make in another precision, 0 to 1. */
  progress: number;
  /** Bytes to fetch, once known. */
  total: number | null;
  /** Why it failed, or what it waits for before it tries again. */
  error: string | null;
}

/** A model that is being loaded; `made`: how far its weights are made in another precision, if they have to be. */
export const loading = (name: string, made = 1): Arrival => ({
  ...{ name, state: 'LOADING', progress: made, total: null, error: null },
});

/** Whether it is fetched, or its weights are made, and not only read. */
export const takesLong = ({ state, progress }: Omit<Arrival, 'name'>): boolean =>
  state === 'FETCHING' || (state === 'LOADING' && progress < 1);

/** How a model is doing that is not there yet, in a sentence. */
export function describeArrival({ name, state, progress, total, error }: Arrival): string {
  const share = `${Math.floor(progress * 100)} %`;
  const going = {
    FETCHING: `is being fetched: ${share}${total === null ? '' : ` of ${megabytes(total)}`}`,
    LOADING:
      progress < 1 ? `is being made ready, its weights in another precision: ${share}` : 'is being loaded',
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
