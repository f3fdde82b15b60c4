import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { download } from '#src/media/download/download.js';
import { fetchFile, LIMITS } from '#src/media/download/fetch-file.js';
import { testFolder } from '../grey-video.js';
import { httpServer, sendFile } from './http-server.js';

test('whatever breaks and changes, the file is one that the server had, whole', async () => {
  const versions = [randomBytes(400_000), randomBytes(500_000), randomBytes(400_000)];
  const answer = fc.record({
    cutAfter: fc.integer({ min: 0, max: 600_000 }),
    version: fc.nat({ max: versions.length - 1 }),
    tagged: fc.boolean(),
    ranges: fc.boolean(),
  });
  type Answer = { cutAfter: number; version: number; tagged: boolean; ranges: boolean };
  let script: Answer[] = [];
  let last = 0;
  const server = await httpServer((request, response) => {
    const { cutAfter, version, tagged, ranges } = script.shift() ?? {
      ...{ cutAfter: Number.POSITIVE_INFINITY, version: last, tagged: true, ranges: true },
    };
    last = version;
    if (!ranges) delete request.headers.range;
    sendFile(request, response, versions[version] as Buffer, {
      etag: `${tagged ? '' : 'W/'}"${version}"`,
      cutAfter,
    });
  });
  const settings = { maxBytes: 1e9, hosts: [server.host], ytdlp: null };
  const to = join(testFolder(), 'file');
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { maxLength: 5 }),
      fc.nat({ max: 3 }),
      async (answers, continuations) => {
        rmSync(to, { force: true });
        rmSync(`${to}.json`, { force: true });
        script = [...answers];
        const limits = { ...LIMITS, pause: 0, continuations };
        const attempt = () =>
          fetchFile(settings, server.url, to, () => {}, new AbortController().signal, limits);
        // As an ingestion does: again, as long as it may pass.
        for (let tries = 0; ; tries++) {
          try {
            await attempt();
            break;
          } catch (error) {
            expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE' });
            expect(tries).toBeLessThan(10);
          }
        }
        expect(readFileSync(to).equals(versions[last] as Buffer)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('a process killed on the way leaves what the next one goes on with', async () => {
  const bytes = randomBytes(4_000_000);
  const server = await httpServer((request, response) => {
    if (request.headers.range) return sendFile(request, response, bytes);
    response.writeHead(200, { etag: '"one"', 'content-length': bytes.length });
    response.write(bytes.subarray(0, 3_000_000)); // and then nothing, until it is killed
  });
  const to = join(testFolder(), 'file');
  const child: ChildProcess = fork(fileURLToPath(new URL('./download-process.mjs', import.meta.url)), [
    ...[server.host, server.url, to],
  ]);
  await new Promise<void>((resolve) => {
    child.on('message', ({ share }: { share?: number }) => share === 0.75 && resolve());
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(statSync(to).size).toBe(3_000_000);

  const settings = { maxBytes: 1e9, hosts: [server.host], ytdlp: null };
  await download(settings, server.url, to, () => {}, new AbortController().signal);
  expect(readFileSync(to).equals(bytes)).toBe(true);
  expect(server.requests[1]?.headers.range).toBe('bytes=3000000-');
});
