import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#src/db/open-database.js';
import { createStore, type Store } from '#src/store/store.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip, type XClip } from '#src/xclip/xclip.js';

export const BUNDLED_MODEL = 'models/clipql-shapes';

/** An empty library on the embedded database with the bundled model, in a folder of its own. */
export interface Library {
  store: Store;
  model: XClip;
  dataDir: string;
  close(): Promise<void>;
}

export async function openLibrary(): Promise<Library> {
  const dataDir = await mkdtemp(join(tmpdir(), 'clipql-test-'));
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
