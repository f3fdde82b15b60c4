import type { Store } from './store/store.ts';

/** Clips from which on the embedded database, which looks at each for every search, takes more than about 0.1 s. */
const LARGE = 50_000;

/** Tells whoever starts a large library on the embedded database that it has outgrown it. */
export async function recommendServer(
  store: Store,
  say: (line: string) => void,
  large = LARGE,
): Promise<void> {
  const model = await store.models.active();
  if (!model) return;
  const snapshot = await store.videos.snapshot(model.fingerprint);
  const { clips } = await store.clips.count({ model: model.fingerprint, snapshot });
  if (clips < large) return;
  say(
    `The library holds ${clips} clips: on a PostgreSQL server with pgvector (DATABASE_URL) searches have an index, and stay fast.`,
  );
}
