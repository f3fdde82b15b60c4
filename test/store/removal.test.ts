import { randomBytes } from 'node:crypto';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claimVideo } from '#src/store/claim-video.js';
import { LeaseLost } from '#src/store/lease.js';
import type { Lease } from '#src/store/types.js';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, clipOf, MODEL, sha256, testLibrary, videoOf } from './library.js';

const error = { code: 'MEDIA_LIMIT', message: 'Too long.', retryable: false } as const;
const failed = { ...error, passing: false };
const failedForNow = {
  code: 'MEDIA_TIMEOUT',
  message: 'Too slow.',
  retryable: true,
  passing: false,
} as const;

describe.each(databaseKinds)('removal on the %s database', (kind) => {
  const library = testLibrary(kind);

  /** All files of the library, relative to its folder. */
  async function files(): Promise<string[]> {
    const entries = await readdir(library.dataDir, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return paths.map((path) => path.slice(library.dataDir.length + 1)).sort();
  }
  const rows = async () => {
    const [counts] = await library.db.query(
      `SELECT (SELECT count(*) FROM video) AS videos, (SELECT count(*) FROM clip) AS clips,
         (SELECT count(*) FROM searchable) AS searchable`,
    );
    return counts;
  };
  const nothing = { videos: 0, clips: 0, searchable: 0 };

  /** A finished upload, as the tus library and `finish` leave it. */
  async function uploaded(): Promise<string> {
    const { uploads } = library.store;
    const id = randomBytes(16).toString('hex');
    await mkdir(uploads.folder, { recursive: true });
    await writeFile(join(uploads.folder, id), 'film');
    await writeFile(join(uploads.folder, `${id}.json`), JSON.stringify({ id, size: 4, offset: 0 }));
    await uploads.finish(id, { name: 'film.mp4', size: 4 });
    return id;
  }

  /** An ingestion of an upload, two clips into its work. */
  async function halfDone(name: string): Promise<{ lease: Lease; videoId: string; uploadId: string }> {
    const { store } = library;
    const uploadId = await uploaded();
    const lease = await claimed(store, uploadId);
    const { video } = await store.videos.createFor(lease, videoOf(name));
    const upload = await store.uploads.find(uploadId);
    await store.media.adopt(upload?.path ?? '', sha256(name));
    await store.pictures.write(store.pictures.poster(video.id), Buffer.from('poster'));
    for (const index of [0, 1]) {
      await store.features.write(
        { model: MODEL, videoId: video.id, edition: 0, index, form: 'fp16' },
        new Uint8Array(12),
      );
      await store.clips.add(lease, MODEL, clipOf(video.id, index));
    }
    return { lease, videoId: video.id, uploadId };
  }

  async function done(name: string) {
    const { lease, videoId, uploadId } = await halfDone(name);
    await library.store.videos.complete(lease, videoId, MODEL, 2);
    await library.store.queue.succeed(lease, { duplicate: false, videoId });
    return { id: lease.id, videoId, uploadId };
  }

  test('a deleted video leaves no rows and no files, and its ingestion stays', async () => {
    const { store } = library;
    const kept = await done('kept');
    const filesOfKept = await files();
    const { id, videoId } = await done('a');
    expect(await files()).toHaveLength(2 * filesOfKept.length);
    expect(await store.videos.delete(videoId)).toBe(true);
    expect(await store.videos.delete(videoId)).toBe(false);
    expect(await files()).toEqual(filesOfKept);
    expect(await rows()).toEqual({ videos: 1, clips: 2, searchable: 1 });
    expect(await store.ingestions.get(id)).toMatchObject({ state: 'SUCCEEDED', videoId: null });
    expect(await store.videos.get(kept.videoId)).not.toBeNull();
    expect((await done('a')).videoId).not.toBe(videoId);
  });

  test('deleting cancels what runs and what waits for the video, and refuses its writes', async () => {
    const { store } = library;
    const { lease, videoId } = await halfDone('a');
    const waiting = await claimed(store, await uploaded());
    await store.videos.createFor(waiting, videoOf('a'));
    await store.queue.release(waiting, { after: 10 });
    await store.videos.delete(videoId);
    for (const { id } of [lease, waiting]) {
      const ended = await store.ingestions.get(id);
      expect(ended).toMatchObject({ state: 'CANCELLED', videoId: null, finishedAt: expect.any(Date) });
    }
    expect(await store.queue.heartbeat(lease, { stage: 'embed', progress: 0.5 })).toBe(false);
    await store.features.write(
      { model: MODEL, videoId: videoId, edition: 0, index: 2, form: 'int8' },
      new Uint8Array(12),
    ); // the worker does not know yet
    await expect(store.clips.add(lease, MODEL, clipOf(videoId, 2))).rejects.toThrow(LeaseLost);
    await expect(store.videos.complete(lease, videoId, MODEL, 2)).rejects.toThrow(LeaseLost);
    await store.sweep();
    expect(await files()).toEqual([]);
    expect(await rows()).toEqual(nothing);
  });

  test('a failure for good leaves nothing but the ingestion', async () => {
    const { store } = library;
    const { lease } = await halfDone('a');
    await store.queue.fail(lease, failed);
    expect(await store.ingestions.get(lease.id)).toMatchObject({
      state: 'FAILED',
      error,
      videoId: null,
    });
    expect(await files()).toEqual([]);
    expect(await rows()).toEqual(nothing);
  });

  test('a failure before there is a video removes the upload, unless another ingestion reads it', async () => {
    const { store } = library;
    const uploadId = await uploaded();
    const [first, second] = [await claimed(store, uploadId), await claimed(store, uploadId)];
    await store.queue.fail(first, failed);
    expect(await store.uploads.find(uploadId)).not.toBeNull();
    await store.queue.fail(second, failed);
    expect(await store.uploads.find(uploadId)).toBeNull();
    expect(await files()).toEqual([]);
  });

  test('a failure for good keeps a video that is searchable or that another ingestion is on', async () => {
    const { store } = library;
    const { videoId } = await done('a');
    const again = await claimed(store);
    await store.videos.createFor(again, videoOf('a'));
    await store.queue.fail(again, failed);
    const { lease, videoId: shared } = await halfDone('b');
    const waiting = await claimed(store);
    await store.videos.createFor(waiting, videoOf('b'));
    await store.queue.fail(lease, failed);
    for (const id of [videoId, shared]) {
      const video = await store.videos.get(id);
      expect(video && (await store.videos.sourcePath(video))).toBe(store.media.path(video?.sha256 ?? ''));
    }
    expect(await rows()).toEqual({ videos: 2, clips: 4, searchable: 1 });
    await store.queue.fail(waiting, failed); // the last one on it
    expect(await rows()).toEqual({ videos: 1, clips: 2, searchable: 1 });
  });

  test('a failure that may pass keeps clips and upload for 7 days', async () => {
    const { store, db } = library;
    const { lease, videoId, uploadId } = await halfDone('a');
    const early = await claimed(store, await uploaded()); // failed before it had a video
    for (const failing of [lease, early]) await store.queue.fail(failing, failedForNow);
    const before = await files();
    const age = (days: number) =>
      db.query(`UPDATE ingestion SET kept_until = now() + make_interval(days => 7 - $1::integer)`, [days]);
    for (const path of before) await utimes(join(library.dataDir, path), 1, 1);
    await age(6);
    await store.sweep();
    expect(await files()).toEqual(before);
    expect(await rows()).toEqual({ videos: 1, clips: 2, searchable: 0 });
    expect((await store.uploads.find(uploadId))?.path).toBe(store.media.path(sha256('a')));
    await age(8);
    await store.sweep();
    expect(await files()).toEqual([]);
    expect(await rows()).toEqual(nothing);
    expect(await store.ingestions.get(lease.id)).toMatchObject({ state: 'FAILED', videoId: null });
    expect(await store.videos.get(videoId)).toBeNull();
  });

  test('the sweep removes files without rows, and no others', async () => {
    const { store, dataDir } = library;
    await done('a');
    const { lease } = await halfDone('b');
    await store.queue.release(lease);
    const before = await files();
    const orphan = '00000000-0000-4000-8000-000000000000';
    for (const path of [
      `features/${MODEL}/${orphan}`,
      `features/other/${orphan}`,
      `pictures/${orphan}/poster.webp`,
      `media/${sha256('orphan')}`,
    ]) {
      await mkdir(join(dataDir, dirname(path)), { recursive: true });
      await writeFile(join(dataDir, path), 'left by a crash');
    }
    await store.sweep();
    expect(await files()).toEqual(before);
  });

  test('the sweep removes uploads abandoned for a day, and none that is needed', async () => {
    const { store, dataDir } = library;
    const [abandoned, needed] = [await uploaded(), await uploaded()];
    const source = { kind: 'UPLOAD' as const, name: 'film.mp4', uploadId: needed };
    await store.ingestions.create({ source });
    const { folder } = store.uploads;
    const [old, fresh, slow] = ['1', '2', '3'].map((digit) => digit.repeat(32));
    for (const id of [old, fresh, slow]) {
      await writeFile(join(folder, `${id}`), 'half');
      await writeFile(join(folder, `${id}.json`), JSON.stringify({ id, size: 8 }));
    }
    const yesterday = Date.now() / 1000 - 25 * 3600;
    for (const path of await files()) {
      const isFresh = path.includes(`${fresh}`) || path.endsWith(`${slow}`);
      if (!isFresh) await utimes(join(dataDir, path), yesterday, yesterday);
    }
    await store.sweep();
    expect(await store.uploads.find(abandoned)).toBeNull();
    expect(await files()).toEqual(
      [
        `finished/${needed}`,
        `finished/${needed}.json`,
        `${fresh}`,
        `${fresh}.json`,
        `${slow}`,
        `${slow}.json`,
      ]
        .map((path) => `uploads/${path}`)
        .sort(),
    );
  });

  test('bytes that come again while their video is being deleted keep their file', async () => {
    const { store } = library;
    for (let round = 0; round < 5; round++) {
      const { videoId } = await done('a');
      const uploadId = await uploaded();
      const lease = await claimed(store, uploadId);
      const upload = await store.uploads.find(uploadId);
      const again = async () => {
        const { video } = await store.videos.createFor(lease, videoOf('a'));
        if (video.id !== videoId) await store.media.adopt(upload?.path ?? '', sha256('a'));
        return video;
      };
      const [deleted, video] = await Promise.all([store.videos.delete(videoId), again()]);
      expect(deleted).toBe(true);
      if (video.id !== videoId) {
        expect(await store.videos.sourcePath(video)).toBe(store.media.path(sha256('a')));
        await store.queue.fail(lease, failed);
      }
      expect(await files()).toEqual([]);
    }
  });

  test.runIf(kind === 'server')(
    'a file is not removed under a video that is just being made of it',
    async () => {
      const { store, db } = library;
      const lease = await claimed(store, await uploaded());
      await mkdir(join(library.dataDir, 'media'));
      await writeFile(store.media.path(sha256('a')), 'film');
      const [made, checked] = [gate(), gate()];
      const making = db.transaction(async (tx) => {
        await claimVideo(tx, store.media, lease, videoOf('a'));
        made.open();
        await checked.opened;
      });
      await made.opened;
      let removed = false;
      const removal = store.media.removeUnused(sha256('a')).then(() => {
        removed = true;
      });
      const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      while (!removed && (await db.query(waiting)).length === 0);
      checked.open();
      await Promise.all([making, removal]);
      expect(await files()).toContain(`media/${sha256('a')}`);
    },
  );
});

/** Something to wait for until it is opened. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
