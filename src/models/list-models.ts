import type { ListedModel } from '../store/models.ts';
import type { Store } from '../store/store.ts';
import { BUNDLED_NAME } from '../xclip/resolve-model.ts';
import type { EngineOptions } from '../xclip/xclip.ts';
import type { Engines } from './engines.ts';
import type { Arrival, ModelState } from './not-ready.ts';

/** A model as the library knows it, and how it is doing. */
export interface ModelStatus extends ListedModel {
  bundled: boolean;
  /** What to know about the choice of this model. */
  notice: string | null;
  state: ModelState;
  /** Of the bytes to fetch, or of the weights to make in another precision, 0 to 1. */
  progress: number;
  error: string | null;
  /** Searchable videos of all videos, 0 to 1. */
  coverage: number;
  calibrated: boolean;
  minRelevance: number;
  options: EngineOptions;
}

/** The stored models in their order, with one that is yet to come where it belongs. */
export async function listModels(
  stored: ListedModel[],
  parts: {
    store: Store;
    engines: Engines;
    arrival: Arrival | null;
    /** Of the model that arrives. */
    sampling: string;
    notice: string | null;
    options: EngineOptions;
  },
): Promise<ModelStatus[]> {
  const { arrival } = parts;
  const models = [...stored];
  if (arrival && !models.some(({ name }) => name === arrival.name)) {
    const first = models.findIndex(({ active }) => active) + 1;
    const { name } = arrival;
    models.splice(first, 0, {
      ...{ name, fingerprint: '', dimensions: 0, frames: 0, sampling: parts.sampling, embedded: 0 },
      ...{ active: first === 0, incoming: first > 0 },
    });
  }
  return Promise.all(models.map((model) => status(model, parts)));
}

async function status(
  model: ListedModel,
  { store, engines, arrival, notice, options }: Parameters<typeof listModels>[1],
): Promise<ModelStatus> {
  const { engine, failure, made } = engines.peek(model.fingerprint);
  const coming = arrival?.name === model.name && !engine ? arrival : null;
  const relevance = engine?.card.relevance ?? { calibrated: false, minRelevance: 0 };
  return {
    ...model,
    bundled: model.name === BUNDLED_NAME,
    notice: model.active ? notice : null,
    state: coming?.state ?? (failure ? 'FAILED' : engine || !model.active ? 'READY' : 'LOADING'),
    progress: coming?.progress ?? (engine ? 1 : (made ?? 1)),
    error: coming?.error ?? failure ?? null,
    coverage: model.fingerprint ? await store.models.coverage(model.fingerprint) : 0,
    ...{ calibrated: relevance.calibrated, minRelevance: relevance.minRelevance },
    options: engine?.options ?? options,
  };
}
