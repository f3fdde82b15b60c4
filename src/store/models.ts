import type { Queryable } from '../db/database.ts';

/** What the store keeps of a model. The fingerprint stands for the model wherever the store asks for one. */
export interface StoredModel {
  fingerprint: string;
  name: string;
  /** D, numbers in an embedding. */
  dimensions: number;
  /** T, frames in a clip. */
  frames: number;
}

export interface Models {
  /** Makes it the active model of an empty library. Throws when the library was embedded by another model. */
  activate(model: StoredModel): Promise<void>;
  active(): Promise<StoredModel | null>;
  /** Searchable videos of all videos, 0 to 1; 1 when there are none. */
  coverage(fingerprint: string): Promise<number>;
}

export declare function createModels(db: Queryable): Models;
