import type { Queryable } from '../db/database.ts';
import { type NotEmbedded, notEmbeddedPage } from './embedding-jobs.ts';
import { type IngestionRow, KEPT_UNTIL, toIngestion } from './ingestion-row.ts';
import { dueNow } from './lease.ts';
import { decodeCursor, pageOf } from './list-cursor.ts';
import type { Library } from './remove-video.ts';
import type {
  Ingestion,
  IngestionChange,
  IngestionSource,
  IngestionState,
  Json,
  Page,
  Segmentation,
} from './types.ts';
import { isUuid } from './uuid.ts';

/** How urgent an ingestion is: what was asked for by itself comes before batches, and these before folders. */
export type Urgency = 'single' | 'batch' | 'folder';

export interface NewIngestion {
  source: IngestionSource;
  title?: string | null | undefined;
  tags?: string[] | undefined;
  metadata?: Json | undefined;
  segmentation?: Segmentation | null | undefined;
  /** Of a path, as it is now: size in bytes, time of change in ms since 1970. */
  file?: { size: number; mtimeMs: number } | undefined;
}

/** The ingestions as clients see them: what was asked for, and how it goes. */
export interface Ingestions {
  create(ingestion: NewIngestion): Promise<Ingestion>;
  /** Queues all of them or, when the process dies meanwhile, none; in their order. */
  createAll(ingestions: NewIngestion[], urgency: Urgency): Promise<Ingestion[]>;
  get(id: string): Promise<Ingestion | null>;
  /** In any order, unknown ones left out. */
  getMany(ids: string[]): Promise<Ingestion[]>;
  /** Newest first. Throws `BAD_CURSOR`. */
  page(request: {
    first: number;
    after?: string | null;
    state?: IngestionState | null;
    /** Only these. */
    ids?: string[] | null;
  }): Promise<Page<Ingestion>>;
  /** How many there are in each state. */
  counts(): Promise<Record<IngestionState, number>>;
  /** Seconds that the first in line has been due; 0 when nothing is. */
  queueAge(): Promise<number>;
  /** Those paths that were asked for as they are now, and need not be again: not cancelled, and no failure that may pass. */
  knownPaths(files: { path: string; size: number; mtimeMs: number }[]): Promise<Set<string>>;
  /**
   * Calls `hear` with every change of an ingestion, whoever makes it, also the hidden ones that embed with another model;
   * with null when some may have been missed.
   */
  listen(hear: (change: IngestionChange | null) => void): Promise<() => void>;
  /** Ends it, unless it has ended: then it stays as it is. Null: there is no such ingestion. */
  cancel(id: string): Promise<Ingestion | null>;
  /** Puts a failed or cancelled one back, or makes one that waits for its next attempt due; others stay as they are. */
  retry(id: string): Promise<Ingestion | null>;
  /** Videos that could not be embedded with a model, the latest first. Throws `BAD_CURSOR`. */
  notEmbedded(request: { model: string; first: number; after?: string | null }): Promise<Page<NotEmbedded>>;
}

const PRIORITY: Record<Urgency, number> = { single: 0, batch: 1, folder: 2 };

export function createIngestions({ db }: Library): Ingestions {
  const getMany = async (ids: string[]) => {
    const rows = await db.query<IngestionRow>(
      'SELECT * FROM ingestion WHERE id = ANY ($1::uuid[]) AND model IS NULL',
      [ids.filter(isUuid)],
    );
    return rows.map(toIngestion);
  };
  const get = async (id: string) => (await getMany([id]))[0] ?? null;

  return {
    get,
    getMany,

    async create(ingestion) {
      const [created] = await insert(db, [ingestion], 'single');
      if (!created) throw new Error('The new ingestion has no row.');
      return created;
    },
    createAll: (ingestions, urgency) => insert(db, ingestions, urgency),

    async page({ first, after, state, ids }) {
      const rows = await db.query<IngestionRow>(
        `SELECT * FROM ingestion
         WHERE model IS NULL AND ($1::bigint IS NULL OR position < $1) AND ($2::text IS NULL OR state = $2)
           AND ($4::uuid[] IS NULL OR id = ANY ($4))
         ORDER BY position DESC LIMIT $3`,
        [decodeCursor('ingestions', after), state ?? null, first + 1, ids?.filter(isUuid) ?? null],
      );
      return pageOf('ingestions', rows, first, toIngestion);
    },

    async counts() {
      const rows = await db.query<{ state: IngestionState; count: number }>(
        'SELECT state, count(*) FROM ingestion WHERE model IS NULL GROUP BY state',
      );
      const none = { QUEUED: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 0, CANCELLED: 0 };
      return Object.assign(none, Object.fromEntries(rows.map(({ state, count }) => [state, count])));
    },

    async queueAge() {
      const [row] = await db.query<{ age: number }>(
        `SELECT coalesce(extract(epoch FROM now() - min(run_after)), 0)::float8 AS age FROM ingestion
         WHERE state = 'QUEUED' AND run_after <= now()`,
      );
      return row?.age ?? 0;
    },

    async knownPaths(files) {
      const rows = await db.query<{ path: string }>(
        `SELECT DISTINCT file.path FROM jsonb_to_recordset($1::jsonb) AS file (path text, size bigint, "mtimeMs" float8)
         JOIN ingestion i ON i.source_path = file.path
         WHERE i.source_size = file.size AND i.source_mtime = file."mtimeMs" AND i.model IS NULL
           AND (i.state IN ('QUEUED', 'RUNNING', 'SUCCEEDED') OR (i.state = 'FAILED' AND NOT i.error_retryable))`,
        [JSON.stringify(files)],
      );
      return new Set(rows.map(({ path }) => path));
    },

    listen: (hear) =>
      db.listen('ingestion', (payload) =>
        hear(payload === '' ? null : (JSON.parse(payload) as IngestionChange)),
      ),

    async cancel(id) {
      if (!isUuid(id)) return null;
      const [cancelled] = await db.query<{ video_id: string | null }>(
        `UPDATE ingestion SET state = 'CANCELLED', finished_at = now(), kept_until = ${KEPT_UNTIL},
           worker = NULL, lease_until = NULL, stage = NULL
         WHERE id = $1 AND model IS NULL AND state IN ('QUEUED', 'RUNNING') RETURNING video_id`,
        [id],
      );
      if (cancelled) await dueNow(db, cancelled.video_id);
      return get(id);
    },

    async retry(id) {
      if (!isUuid(id)) return null;
      // What was fetched before may be gone: looking for it is cheap.
      await db.query(
        `UPDATE ingestion SET state = 'QUEUED', run_after = now(), finished_at = NULL, kept_until = NULL, fetched = false,
           failures = 0, crashes = 0, error_code = NULL, error_message = NULL, error_retryable = NULL
         WHERE id = $1 AND model IS NULL AND (state IN ('FAILED', 'CANCELLED') OR (state = 'QUEUED' AND failures > 0))`,
        [id],
      );
      return get(id);
    },

    notEmbedded: (request) => notEmbeddedPage(db, request),
  };
}

/** One statement for all: a thousand rows one by one would keep the embedded database busy for a second. */
async function insert(db: Queryable, ingestions: NewIngestion[], urgency: Urgency): Promise<Ingestion[]> {
  const rows = await db.query<IngestionRow>(
    `INSERT INTO ingestion (source_kind, source_name, source_path, source_url, upload_id, source_size, source_mtime,
       title, tags, metadata, segmentation, priority)
     SELECT kind, name, path, url, "uploadId", size, "mtimeMs",
       title, ARRAY(SELECT jsonb_array_elements_text(tags)), metadata, nullif(segmentation, 'null'), $2
     FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS given (row, place),
       jsonb_to_record(row) AS new (kind text, name text, path text, url text, "uploadId" text, size bigint,
         "mtimeMs" float8, title text, tags jsonb, metadata jsonb, segmentation jsonb)
     ORDER BY place RETURNING *`,
    [
      JSON.stringify(
        ingestions.map(({ source, title, tags = [], metadata = {}, segmentation, file }) => ({
          ...{ ...source, ...file, title, tags, metadata, segmentation },
        })),
      ),
      PRIORITY[urgency],
    ],
  );
  return rows.map(toIngestion);
}
