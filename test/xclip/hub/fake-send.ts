import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that came, and which bytes of a file were sent in answer. */
export interface FakeRequest {
  server: 'hub' | 'cdn';
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  sent: { start: number; end: number };
}

/** What goes wrong with one answer. */
export type Fault =
  | { status: number; headers?: Record<string, string> }
  /** The connection is cut after so many bytes of the body; before the headers when negative. */
  | { cutAfter: number }
  /** Nothing more comes after so many bytes of the body. */
  | { silentAfter: number }
  | { ignoreRange: true }
  /** Other bytes than the file's. */
  | { body: Buffer }
  /** So many bytes at a time, a tick apart. */
  | { drip: number };

/** Sends a file, or the range asked for, as the fault allows; notes what was sent. */
export function send(
  file: Buffer,
  headers: Record<string, string>,
  request: FakeRequest,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  const bytes = fault && 'body' in fault ? fault.body : file;
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const ranged = asked && !(fault && 'ignoreRange' in fault);
  const start = ranged ? Number(asked[1]) : 0;
  const end = ranged && asked[2] ? Math.min(Number(asked[2]) + 1, bytes.length) : bytes.length;
  if (start >= end && bytes.length > 0) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const range = ranged && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` };
  response.writeHead(ranged ? 206 : 200, { ...headers, ...range, 'content-length': end - start });
  response.flushHeaders();
  if (request.method === 'HEAD') return void response.end();

  const note = (upTo: number) => {
    request.sent = { start, end: upTo };
  };
  if (fault && 'cutAfter' in fault) {
    const last = Math.min(end, start + fault.cutAfter);
    note(last);
    const cut = () => setImmediate(() => response.destroy());
    if (last > start) response.write(bytes.subarray(start, last), cut);
    else cut();
  } else if (fault && 'silentAfter' in fault) {
    const last = Math.min(end, start + fault.silentAfter);
    note(last);
    if (last > start) response.write(bytes.subarray(start, last));
  } else if (fault && 'drip' in fault) {
    const drop = (from: number) => {
      if (from >= end || response.destroyed) return void response.end();
      const to = Math.min(end, from + fault.drip);
      note(to);
      response.write(bytes.subarray(from, to), () => setImmediate(drop, to));
    };
    drop(start);
  } else {
    note(end);
    response.end(bytes.subarray(start, end));
  }
}
