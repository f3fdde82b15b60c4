import type { Database, Queryable } from '../db/database.ts';

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
  /** Makes it the active model of a library without videos. Throws when the library has another model. */
  activate(model: StoredModel): Promise<void>;
  active(): Promise<StoredModel | null>;
  /** Searchable videos of all videos, 0 to 1; 1 when there are none. */
  coverage(fingerprint: string): Promise<number>;
}

export function createModels(db: Database): Models {
  return {
    activate: (model) => db.transaction((tx) => activate(tx, model)),
    active: () => activeModel(db),
    async coverage(fingerprint) {
      const [row] = await db.query<{ coverage: number | null }>(
        `SELECT (SELECT count(*) FROM searchable WHERE model = $1)::float8
              / (SELECT nullif(count(*), 0) FROM video)::float8 AS coverage`,
        [fingerprint],
      );
      return row?.coverage ?? 1;
    },
  };
}

async function activate(tx: Queryable, model: StoredModel): Promise<void> {
  await tx.query('LOCK TABLE model IN SHARE ROW EXCLUSIVE MODE'); // one process after another
  const active = await activeModel(tx);
  if (active && active.fingerprint !== model.fingerprint) {
    const [library] = await tx.query<{ empty: boolean }>('SELECT NOT EXISTS (SELECT FROM video) AS empty');
    if (!library?.empty) throw otherModel(active, model);
    await tx.query('UPDATE model SET active = false WHERE active');
  }
  await tx.query(
    `INSERT INTO model (fingerprint, name, dimensions, frames, active) VALUES ($1, $2, $3, $4, true)
     ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, active = true`,
    [model.fingerprint, model.name, model.dimensions, model.frames],
  );
}

async function activeModel(db: Queryable): Promise<StoredModel | null> {
  const rows = await db.query<StoredModel>(
    'SELECT fingerprint, name, dimensions, frames FROM model WHERE active',
  );
  return rows[0] ?? null;
}

function otherModel(active: StoredModel, given: StoredModel): Error {
  const describe = ({ name, fingerprint }: StoredModel) => `${name} (${fingerprint.slice(0, 12)})`;
  return new Error(
    `This library was embedded with the model ${describe(active)}, and MODEL now names ${describe(given)}; ` +
      'their embeddings cannot be compared. Start with the first one, or with another DATA_DIR (and DATABASE_URL, ' +
      'if it is set) for the second.',
  );
}
