import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#src/db/open-database.js';
import { createStore, type Store } from '#src/store/store.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import type { XClip } from '#src/xclip/xclip.js';
import { dropServerDatabaseOf, serverDatabaseOf } from './db/fresh-database.ts';
import { DEFAULTS } from './xclip/fixtures.ts';

export const BUNDLED_MODEL = 'models/clipql-shapes';

/** A library with the bundled model, on the server of TEST_DATABASE_URL when it is set, else embedded. */
export interface Library {
  store: Store;
  model: XClip;
  dataDir: string;
  close(): Promise<void>;
}

/** Opens a new library, or the embedded one of a folder; closing it removes the folder. */
export async function openLibrary(folder?: string): Promise<Library> {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'clipql-test-')));
  const url = folder ? undefined : await serverDatabaseOf(dataDir);
  const db = await openDatabase(url ? { url, dataDir } : { dataDir });
  const store = createStore(db, dataDir);
  const model = await openXClip(await loadCheckpoint(BUNDLED_MODEL, 'bundled', true), DEFAULTS);
  await store.models.activate(model);
  return {
    store,
    model,
    dataDir,
    async close() {
      await model.close();
      await db.close();
      await dropServerDatabaseOf(dataDir);
      await rm(dataDir, { recursive: true });
    },
  };
}
