import { effect, signal } from '@preact/signals';
import { Upload } from 'tus-js-client';
import { client, isUnauthenticated, isUnreached, plainly } from '../api/client.ts';
import { IngestVideoDocument } from '../api/documents.ts';
import { asking, bearer, signOut, token } from '../api/session.ts';

/** A file on its way to the server; once it is there, its ingestion speaks for it. */
export interface Sending {
  id: number;
  file: File;
  /** Bytes that the server has. */
  sent: number;
  state: 'WAITING' | 'SENDING' | 'FAILED';
  /** Why it failed, for people. */
  error: string;
}

/** Files sent at the same time. */
const AT_ONCE = 2;
/** Milliseconds between two attempts to reach a server that is away. */
const RETRY_EVERY = 3000;
/** Milliseconds after which a broken upload goes on: the server may be away for an hour. */
const RETRY_DELAYS = [0, 1000, ...Array<number>(1200).fill(RETRY_EVERY)];

/** Refusals that pass: the upload is being written elsewhere, or is gone and begun anew. */
const MAY_PASS = new Set([404, 409, 410, 423]);

const TOO_LARGE =
  'The file is larger than the server takes (its setting MAX_FILE_SIZE), or than it has room for.';

/** The files on their way, in the order they were given. */
export const sending = signal<Sending[]>([]);

const running = new Map<number, Upload>();
let last = 0;

/** Sends files and has them ingested; asks for the admin token first where there is none. */
export function send(files: Iterable<File>): void {
  const added = [...files].map(
    (file): Sending => ({ id: ++last, file, sent: 0, state: 'WAITING', error: '' }),
  );
  sending.value = [...sending.value, ...added];
  if (!token.value) asking.value = 'ADMIN';
}

/** Stops sending a file; the server forgets what it has of it. */
export async function cancelSending(id: number): Promise<void> {
  const upload = running.get(id);
  forget(id);
  await upload?.abort(true).catch(() => {}); // what stays there expires
}

/** Stops sending all files. */
export function cancelAllSending(): void {
  const uploads = [...running.values()];
  running.clear();
  sending.value = [];
  for (const upload of uploads) void upload.abort(true).catch(() => {}); // what stays there expires
}

/** Sends a file that failed once more; the server goes on with what it has. */
export const sendAgain = (id: number): void => change(id, { state: 'WAITING', error: '' });

function change(id: number, part: Partial<Sending>): void {
  sending.value = sending.value.map((one) => (one.id === id ? { ...one, ...part } : one));
}

function forget(id: number): void {
  running.delete(id);
  sending.value = sending.value.filter((one) => one.id !== id);
}

// Whatever waits is begun as soon as there are a token and room.
effect(() => {
  const busy = sending.value.filter(({ state }) => state === 'SENDING').length;
  const next = sending.value.find(({ state }) => state === 'WAITING');
  if (!next || !token.value || busy >= AT_ONCE) return;
  change(next.id, { state: 'SENDING' });
  void sendFile(next.id, next.file, token.value);
});

// Leaving ends what is being sent: the browser asks first.
addEventListener('beforeunload', (event) => {
  if (sending.value.some(({ state }) => state === 'SENDING')) event.preventDefault();
});

/** Whether it was not cancelled meanwhile. */
const isWanted = (id: number): boolean => sending.value.some((one) => one.id === id);

async function sendFile(id: number, file: File, withToken: string): Promise<void> {
  const upload = new Upload(file, {
    endpoint: '/uploads',
    headers: bearer(withToken),
    metadata: { filename: file.name },
    retryDelays: RETRY_DELAYS,
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error) => {
      const status = error.originalResponse?.getStatus() ?? 0;
      return status < 400 || status >= 500 || MAY_PASS.has(status);
    },
    onProgress: (sent) => change(id, { sent }),
    onError: (error) => {
      running.delete(id);
      const response = 'originalResponse' in error ? error.originalResponse : null;
      if (response?.getStatus() === 401) refused(id);
      else fail(id, response?.getStatus() === 413 ? TOO_LARGE : refusal(response?.getBody()));
    },
    onSuccess: () => {
      running.delete(id);
      void ingest(id, upload.url?.split('/').at(-1) ?? '');
    },
  });
  const begun = await upload.findPreviousUploads();
  if (!isWanted(id)) return;
  const others = new Set([...running.values()].map(({ url }) => url));
  const before = begun.find(({ uploadUrl }) => uploadUrl && !others.has(uploadUrl));
  if (before) upload.resumeFromPreviousUpload(before);
  running.set(id, upload);
  upload.start();
}

async function ingest(id: number, uploadId: string): Promise<void> {
  if (!isWanted(id)) return;
  const { error } = await client.value.mutation(IngestVideoDocument, { input: { uploadId } }).toPromise();
  if (!error) forget(id);
  else if (isUnauthenticated(error)) refused(id);
  else if (isUnreached(error)) setTimeout(ingest, RETRY_EVERY, id, uploadId);
  else fail(id, plainly(error));
}

/** The token is not the admin's: it waits for one that is. */
function refused(id: number): void {
  signOut();
  change(id, { state: 'WAITING' });
  asking.value = 'ADMIN';
}

const fail = (id: number, error: string) => change(id, { state: 'FAILED', error });

/** What the server said, in JSON or in plain text. */
function refusal(body = ''): string {
  try {
    return JSON.parse(body).errors[0].message;
  } catch {
    return body.trim() || 'The server did not take the file. Try again.';
  }
}
