import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMailbox } from '#src/api/live/mailbox.js';
import type { Ingestion } from '#src/store/types.js';

const STATES = ['QUEUED', 'RUNNING', 'SUCCEEDED'] as const;
const STAGES = [null, 'probe', 'embed'] as const;

/** What the mailbox looks at of an ingestion. */
const event = (id: string, version: number, state: Ingestion['state'], stage: Ingestion['stage']) =>
  ({ id, version, state, stage, finishedAt: state === 'SUCCEEDED' ? new Date() : null }) as Ingestion;

/** Histories of three ingestions, one event a version, in an order in which events come late and twice. */
const histories = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    version: fc.nat(20),
  }),
  { maxLength: 100 },
);
const at = ({ id, version }: { id: string; version: number }) =>
  event(
    id,
    version,
    STATES[Math.floor(version / 3) % 3] ?? 'QUEUED',
    STAGES[Math.floor(version / 2) % 3] ?? null,
  );

test('of each ingestion the latest event arrives, and none goes back', async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.array(fc.boolean()), async (history, reads) => {
      const mailbox = createMailbox(null);
      const taken: Ingestion[] = [];
      const latest = new Map<string, number>();
      for (const [i, change] of history.entries()) {
        mailbox.put(at(change));
        if (change.version <= (latest.get(change.id) ?? -1)) continue;
        latest.set(change.id, change.version);
        if (reads[i]) taken.push((await mailbox.take()) as Ingestion);
      }
      mailbox.put(event('end', 0, 'QUEUED', null));
      for (let next = await mailbox.take(); next && next.id !== 'end'; next = await mailbox.take()) {
        taken.push(next);
      }
      for (const [id, version] of latest) {
        const versions = taken.filter((one) => one.id === id).map((one) => one.version);
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
        expect(versions.at(-1)).toBe(version);
      }
    }),
  );
});

test('every change of state and stage arrives, progress in between only as it is last', async () => {
  const mailbox = createMailbox('a');
  mailbox.put(event('a', 0, 'QUEUED', null));
  for (let version = 1; version <= 5; version++) mailbox.put(event('a', version, 'RUNNING', 'probe'));
  mailbox.put(event('other', 1, 'RUNNING', 'probe'));
  for (let version = 6; version <= 9; version++) mailbox.put(event('a', version, 'RUNNING', 'embed'));
  mailbox.put(event('a', 10, 'SUCCEEDED', null));
  const versions: (number | undefined)[] = [];
  for (let i = 0; i < 4; i++) versions.push((await mailbox.take())?.version);
  expect(versions).toEqual([0, 5, 9, 10]);
  expect(mailbox.unfinished()).toEqual([]);
  const waits = mailbox.take();
  mailbox.close();
  expect(await waits).toBeNull();
});

test('a subscriber that never reads does not pile up events', async () => {
  const mailbox = createMailbox(null);
  for (let version = 0; version < 20_000; version++) {
    mailbox.put(event('a', version, 'RUNNING', version % 2 === 0 ? 'probe' : 'embed'));
  }
  let taken = 0;
  let last: Ingestion | null = null;
  do {
    last = await mailbox.take();
    taken++;
  } while (last?.version !== 19_999);
  expect(taken).toBeLessThanOrEqual(1001);
});
