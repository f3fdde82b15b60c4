import type { Store } from '../store/store.ts';
import type { XClip } from '../xclip/xclip.ts';

/** What search and classification need of the rest of the program. */
export interface SearchParts {
  store: Store;
  model: XClip;
}
