import { LRUCache } from 'lru-cache';
import type { XClip } from '../xclip/xclip.ts';

/** What was made of texts asked for lately, up to `max` of them a model; it goes with the model's engine. */
export function createTextCache<Value extends object>(
  max: number,
): (model: XClip) => LRUCache<string, Value> {
  const caches = new WeakMap<XClip, LRUCache<string, Value>>();
  return (model) => {
    const cache = caches.get(model) ?? new LRUCache<string, Value>({ max });
    caches.set(model, cache);
    return cache;
  };
}
