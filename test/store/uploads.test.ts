import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { describe, expect, test } from 'vitest';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, ingested, sha256, testLibrary, videoOf } from './library.js';

describe.each(databaseKinds)('uploads on the %s database', (kind) => {
  const library = testLibrary(kind);

  /** An upload of `bytes`, of which so many were sent, by the tus library itself. */
  async function send(bytes: string, sent = bytes.length): Promise<string> {
    const datastore = new FileStore({ directory: library.store.uploads.folder });
    const server = new Server({ path: '/uploads', datastore });
    const response = await server.handleWeb(
      new Request('http://localhost/uploads', {
        method: 'POST',
        headers: {
          'Tus-Resumable': '1.0.0',
          'Upload-Length': `${bytes.length}`,
          'Upload-Metadata': `filename ${Buffer.from('my film.mp4').toString('base64')}`,
          'Content-Type': 'application/offset+octet-stream',
        },
        body: bytes.slice(0, sent),
      }),
    );
    expect(response.status).toBe(201);
    return response.headers.get('location')?.split('/').at(-1) ?? '';
  }

  test('one under way is incomplete', async () => {
    const id = await send('film', 3);
    expect(await library.store.uploads.find(id)).toMatchObject({ complete: false, name: 'my film.mp4' });
  });

  test('a finished one is out of reach of the expiry that removes finished ones', async () => {
    const { uploads } = library.store;
    const id = await send('film');
    await uploads.finish(id, { name: 'my film.mp4', size: 4 });
    const found = await uploads.find(id);
    expect(found).toEqual({
      path: join(uploads.folder, 'finished', id),
      name: 'my film.mp4',
      size: 4,
      complete: true,
    });
    const expiry = new FileStore({ directory: uploads.folder, expirationPeriodInMilliseconds: -1 });
    expect(await expiry.deleteExpired()).toBe(0);
    expect(await readFile(found?.path ?? '', 'utf8')).toBe('film');
  });

  test('one whose process died after the last byte is finished when it is asked for', async () => {
    const id = await send('film');
    expect(await library.store.uploads.find(id)).toMatchObject({
      complete: true,
      size: 4,
      name: 'my film.mp4',
    });
  });

  test('one that is finished and asked for at the same moment is finished once', async () => {
    const { uploads } = library.store;
    const id = await send('film');
    const finish = () => uploads.finish(id, { name: 'my film.mp4', size: 4 });
    const [, found] = await Promise.all([finish(), uploads.find(id), finish()]);
    expect(found).toMatchObject({ complete: true, size: 4, name: 'my film.mp4' });
  });

  test('one that was taken into the library is found there, as long as it is needed', async () => {
    const { store } = library;
    const id = await send('film');
    const upload = await store.uploads.find(id);
    const lease = await claimed(store, id);
    await store.videos.createFor(lease, videoOf('film'));
    const path = await store.media.adopt(upload?.path ?? '', sha256('film'));
    expect(await store.uploads.find(id)).toEqual({ path, name: 'a.mp4', size: 4, complete: true });
    expect(await store.media.adopt(path, sha256('film'))).toBe(path);
  });

  test('that of a duplicate is removed', async () => {
    const { store } = library;
    const known = await ingested(store, videoOf('film'));
    const id = await send('film');
    await mkdir(join(library.dataDir, 'media'));
    await writeFile(store.media.path(known.sha256), 'film');
    const lease = await claimed(store, id);
    const upload = await store.uploads.find(id);
    await store.videos.createFor(lease, videoOf('film'));
    await store.queue.succeed(lease, { duplicate: true, videoId: known.id });
    await expect(readFile(upload?.path ?? '')).rejects.toThrow('ENOENT');
  });

  test('an id that leads out of the folder finds nothing', async () => {
    const { uploads } = library.store;
    await mkdir(uploads.folder, { recursive: true });
    await writeFile(join(library.dataDir, 'secret'), 'x');
    await writeFile(join(library.dataDir, 'secret.json'), '{"name": "x", "size": 1}');
    for (const id of [
      '../secret',
      '../../secret',
      'finished',
      '',
      '..',
      'a'.repeat(31),
      `${'a'.repeat(32)}/..`,
    ]) {
      expect(await uploads.find(id)).toBeNull();
    }
  });
});
