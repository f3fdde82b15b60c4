import type { Store } from '../store/store.ts';

/** Says once, when asked, that it is for the admin to go over to the incoming model. */
export function createHeldBackNotice(store: Store, say: (line: string) => void): () => Promise<void> {
  let said = '';
  return async () => {
    const held = await store.models.heldBack();
    const line =
      held &&
      `${held.videos} videos cannot be embedded with ${held.name}; \`models { notEmbedded }\` lists them. ` +
        'To go over to it without them: activateModel(name, now: true).';
    if (line && line !== said) say(line);
    said = line ?? '';
  };
}
