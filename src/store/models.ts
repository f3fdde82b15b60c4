import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queryable } from '../db/database.ts';
import { ClipqlError } from '../errors.ts';
import { dropUnwantedJobs, queueEmbedding } from './embedding-jobs.ts';
import { changeModels } from './model-lock.ts';
import type { Library } from './remove-video.ts';

/** What the store keeps of a model. The fingerprint stands for the model wherever the store asks for one. */
export interface StoredModel {
  fingerprint: string;
  name: string;
  /** D, numbers in an embedding. */
  dimensions: number;
  /** T, frames in a clip. */
  frames: number;
  /** How they are chosen. */
  sampling: string;
}

/** A model and its place in the library. */
export interface ListedModel extends StoredModel {
  /** Searches use it. */
  active: boolean;
  /** The library goes over to it once all is embedded with it. */
  incoming: boolean;
  /** Videos that are searchable with it. */
  embedded: number;
}

/** The model that an admin asked for; `now`: switch as soon as it is loaded. */
export interface WantedModel {
  name: string;
  sampling: string;
  now: boolean;
}

export interface Models {
  active(): Promise<StoredModel | null>;
  get(fingerprint: string): Promise<StoredModel | null>;
  /** The active one first, then the incoming one, then those that were active before. */
  list(): Promise<ListedModel[]>;
  /** Searchable videos of all videos, 0 to 1; 1 when there are none. */
  coverage(fingerprint: string): Promise<number>;
  /** What was asked for and is not yet active. */
  wanted(): Promise<WantedModel | null>;
  want(model: WantedModel | null): Promise<void>;
  /**
   * Makes it the active model when the library is empty or all its videos are searchable with it, or with `now`;
   * otherwise the incoming one, and queues the embedding of what is stored. One transaction.
   */
  enter(model: StoredModel, options?: { now?: boolean }): Promise<'active' | 'incoming'>;
  /** Makes the incoming model active if all videos are searchable with it; its fingerprint then, else null. */
  switchIfComplete(): Promise<string | null>;
  /** The incoming model and how many videos cannot be embedded with it, when that alone holds it back. */
  heldBack(): Promise<{ name: string; videos: number } | null>;
  /** Removes a model's vectors and patch features. Throws `NOT_FOUND`, and `IN_USE` for one that is needed. */
  remove(fingerprint: string): Promise<void>;
}

const COLUMNS = 'fingerprint, name, dimensions, frames, sampling';

export function createModels({ db, folders }: Library): Models {
  const first = async <Row>(text: string, values: unknown[] = []): Promise<Row | null> =>
    (await db.query<Row>(text, values))[0] ?? null;

  return {
    active: () => first<StoredModel>(`SELECT ${COLUMNS} FROM model WHERE active`),
    get: (fingerprint) =>
      first<StoredModel>(`SELECT ${COLUMNS} FROM model WHERE fingerprint = $1`, [fingerprint]),
    list: () =>
      db.query<ListedModel>(
        `SELECT ${COLUMNS}, active, incoming,
           (SELECT count(*) FROM searchable WHERE model = fingerprint)::integer AS embedded
         FROM model ORDER BY active DESC, incoming DESC, created_at DESC`,
      ),
    async coverage(fingerprint) {
      const row = await first<{ coverage: number | null }>(
        `SELECT (SELECT count(*) FROM searchable WHERE model = $1)::float8
              / (SELECT nullif(count(*), 0) FROM video)::float8 AS coverage`,
        [fingerprint],
      );
      return row?.coverage ?? 1;
    },

    wanted: () => first<WantedModel>('SELECT name, sampling, now FROM wanted_model'),
    async want(model) {
      if (!model) await db.query('DELETE FROM wanted_model');
      else {
        await db.query(
          `INSERT INTO wanted_model (name, sampling, now) VALUES ($1, $2, $3)
           ON CONFLICT (single) DO UPDATE
             SET name = excluded.name, sampling = excluded.sampling, now = excluded.now`,
          [model.name, model.sampling, model.now],
        );
      }
    },

    enter: (model, { now = false } = {}) =>
      db.transaction(async (tx) => {
        await changeModels(tx);
        await tx.query('UPDATE model SET incoming = false WHERE fingerprint <> $1', [model.fingerprint]);
        await tx.query(
          `INSERT INTO model (${COLUMNS}, incoming) VALUES ($1, $2, $3, $4, $5, true)
           ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, incoming = NOT model.active`,
          [model.fingerprint, model.name, model.dimensions, model.frames, model.sampling],
        );
        await queueEmbedding(tx, { model: model.fingerprint });
        const ready = now || (await isActive(tx, model)) || (await isComplete(tx));
        if (ready) await makeActive(tx, model.fingerprint);
        await dropUnwantedJobs(tx);
        return ready ? 'active' : 'incoming';
      }),

    async switchIfComplete() {
      // Asked often: no lock, no transaction while there is nothing to do.
      if (!(await first('SELECT 1 FROM model WHERE incoming'))) return null;
      return db.transaction(async (tx) => {
        await changeModels(tx);
        const [still] = await tx.query<StoredModel>('SELECT fingerprint FROM model WHERE incoming');
        if (!still || !(await isComplete(tx))) return null;
        await makeActive(tx, still.fingerprint);
        await dropUnwantedJobs(tx);
        return still.fingerprint;
      });
    },

    heldBack: () =>
      first<{ name: string; videos: number }>(
        `SELECT m.name, count(*)::integer AS videos FROM model m JOIN ingestion i ON i.model = m.fingerprint
         WHERE m.incoming GROUP BY m.name HAVING bool_and(i.state = 'FAILED')`,
      ),

    async remove(fingerprint) {
      await db.transaction(async (tx) => {
        await changeModels(tx);
        const [model] = await tx.query<ListedModel>(
          'SELECT name, active, incoming FROM model WHERE fingerprint = $1',
          [fingerprint],
        );
        if (!model) throw new ClipqlError('NOT_FOUND', 'There is no model with this fingerprint.');
        if (model.active || model.incoming) throw inUse(model);
        // Whoever is storing a clip of it ends first; who comes later finds no model.
        await tx.query('SELECT FROM model WHERE fingerprint = $1 FOR UPDATE', [fingerprint]);
        for (const table of ['searchable', 'clip']) {
          await tx.query(`DELETE FROM ${table} WHERE model = $1`, [fingerprint]);
        }
        await tx.query('DELETE FROM model WHERE fingerprint = $1', [fingerprint]);
      });
      await rm(join(folders.features, fingerprint), { recursive: true, force: true });
    },
  };
}

async function isActive(tx: Queryable, { fingerprint }: StoredModel): Promise<boolean> {
  return (await tx.query('SELECT FROM model WHERE fingerprint = $1 AND active', [fingerprint])).length > 0;
}

/** Whether a switch to the incoming model would take no video out of search. */
async function isComplete(tx: Queryable): Promise<boolean> {
  const [left] = await tx.query(
    `SELECT FROM searchable s JOIN model old ON old.fingerprint = s.model AND old.active
     WHERE NOT EXISTS (SELECT FROM searchable t JOIN model new ON new.fingerprint = t.model AND new.incoming
                       WHERE t.video_id = s.video_id)
     LIMIT 1`,
  );
  return !left;
}

async function makeActive(tx: Queryable, fingerprint: string): Promise<void> {
  await tx.query('UPDATE model SET active = false WHERE active AND fingerprint <> $1', [fingerprint]);
  await tx.query('UPDATE model SET active = true, incoming = false WHERE fingerprint = $1', [fingerprint]);
  await tx.query('DELETE FROM wanted_model');
}

function inUse({ name, active }: ListedModel): ClipqlError {
  const message = active
    ? `The library uses ${name}. Activate another model first.`
    : `The library is going over to ${name}. Activate the present model again to stop that.`;
  return new ClipqlError('IN_USE', message);
}
