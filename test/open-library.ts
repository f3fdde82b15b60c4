import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Database } from '#src/db/database.js';
import { openDatabase } from '#src/db/open-database.js';
import { createModels, type Models } from '#src/models/models.js';
import { createStore, type Store } from '#src/store/store.js';
import type { Hub } from '#src/xclip/hub/hub.js';
import type { XClip } from '#src/xclip/xclip.js';
import { dropServerDatabaseOf, serverDatabaseOf } from './db/fresh-database.ts';
import { DEFAULTS } from './xclip/fixtures.ts';

export const BUNDLED_MODEL = 'models/clipql-shapes';
/** Nothing comes from a hub. */
export const NO_HUB: Hub = {
  cache: '/nowhere',
  endpoint: 'http://127.0.0.1:9',
  token: null,
  offline: true,
  proxies: null,
};

/** A library with the bundled model, on the server of TEST_DATABASE_URL when it is set, else embedded. */
export interface Library {
  db: Database;
  store: Store;
  models: Models;
  /** The engine of the bundled model, which is the active one. */
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
  const models = createModels({
    ...{ store, hub: NO_HUB, sampling: null, options: DEFAULTS, log: pino({ level: 'silent' }) },
    ...{ cache: join(dataDir, 'models'), say: () => {}, onActive: () => {} },
  });
  await models.start('bundled');
  const model = await models.active();
  return {
    db,
    store,
    models,
    model,
    dataDir,
    async close() {
      await models.close();
      await db.close();
      await dropServerDatabaseOf(dataDir);
      await rm(dataDir, { recursive: true });
    },
  };
}
