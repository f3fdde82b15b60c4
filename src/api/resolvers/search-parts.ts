import type { SearchParts } from '../../search/parts.ts';
import type { Services } from '../context.ts';

/** The active model, whichever it is when a request comes: it is that request's to its end. */
export async function searchParts({ store, models }: Services): Promise<SearchParts> {
  return { store, model: await models.active() };
}
