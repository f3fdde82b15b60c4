import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#src/db/open-database.js';
import { createStore, type Store } from '#src/store/store.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import type { XClip } from '#src/xclip/xclip.js';

export const BUNDLED_MODEL = 'models/clipql-shapes';

/** A library on the embedded database with the bundled model. */
export interface Library {
  store: Store;
  model: XClip;
  dataDir: string;
  close(): Promise<void>;
}

/** Opens the library of a folder (default: a new one); closing it removes the folder. */
export async function openLibrary(folder?: string): Promise<Library> {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'clipql-test-')));
  const db = await openDatabase({ dataDir });
  const store = createStore(db, dataDir);
  const model = await openXClip(await loadCheckpoint(BUNDLED_MODEL, 'bundled', true));
  await store.models.activate(model);
  return {
    store,
    model,
    dataDir,
    async close() {
      await model.close();
      await db.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
