import type { Database, Queryable } from '../db/database.ts';
import { DatabaseError } from '../db/database-error.ts';
import { ClipqlError } from '../errors.ts';
import { BUILT_IN_LABEL_SETS } from './built-in-label-sets.ts';
import { decodeCursor, pageOf } from './list-cursor.ts';
import type { LabelSet, ListedLabelSet, Page, StoredLabel } from './types.ts';
import { isUuid } from './uuid.ts';

/** What can be said of a label set. */
export type LabelSetContent = Pick<LabelSet, 'name' | 'templates' | 'labels'>;

/** The label sets: those of the library, and the built-in ones, which cannot be changed. */
export interface LabelSets {
  get(id: string): Promise<LabelSet | null>;
  /** Newest first, then the built-in ones. Throws `BAD_CURSOR`. */
  page(request: { first: number; after?: string | null }): Promise<Page<ListedLabelSet>>;
  /** Throws `BAD_USER_INPUT` when the name is taken, `NOT_FOUND` for an example that is not in the library. */
  create(content: LabelSetContent): Promise<LabelSet>;
  /** What is left out stays. Null when there is no such set; throws as `create` does, and for a built-in one. */
  update(id: string, change: Partial<LabelSetContent>): Promise<LabelSet | null>;
  /** False when there is no such set. Throws `BAD_USER_INPUT` for a built-in one. */
  delete(id: string): Promise<boolean>;
}

interface LabelSetRow {
  id: string;
  position: number;
  name: string;
  templates: string[];
  size: number;
  created_at: Date;
  updated_at: Date;
}

/** Those of `label_set s`, as JSON. */
const LABELS = `SELECT coalesce(json_agg(json_build_object('label', l.label, 'texts', l.texts, 'examples', ARRAY(
    SELECT e.video_id FROM label_example e WHERE (e.label_set, e.label) = (l.label_set, l.number) ORDER BY e.number
  )) ORDER BY l.number), '[]') FROM label l WHERE l.label_set = s.id`;

const toListed = (row: LabelSetRow): ListedLabelSet => ({
  ...{ id: row.id, name: row.name, templates: row.templates, size: row.size, builtIn: false },
  ...{ createdAt: row.created_at, updatedAt: row.updated_at },
});

export function createLabelSets(db: Database): LabelSets {
  return {
    get: (id) => find(db, id),

    async page({ first, after }) {
      const position = decodeCursor('label sets', after);
      const rows = await db.query<LabelSetRow>(
        `SELECT s.*, (SELECT count(*) FROM label l WHERE l.label_set = s.id)::integer AS size FROM label_set s
         WHERE $1::bigint IS NULL OR position < $1 ORDER BY position DESC LIMIT $2`,
        [position, first + 1],
      );
      const stored = rows.map((row) => ({ position: row.position, set: toListed(row) }));
      // Positions of rows begin at 1.
      const builtIn = BUILT_IN_LABEL_SETS.map(({ labels, ...set }, i) => ({ position: -i, set })).filter(
        (row) => position === null || row.position < position,
      );
      return pageOf('label sets', [...stored, ...builtIn], first, ({ set }) => set);
    },

    create: (content) =>
      write(db, content, async (tx) => {
        await holdExamples(tx, content.labels);
        const [row] = await tx.query<{ id: string }>(
          'INSERT INTO label_set (name, templates) VALUES ($1, $2) RETURNING id',
          [content.name, content.templates],
        );
        if (!row) throw new Error('The label set was not stored.');
        await addLabels(tx, row.id, content.labels);
        return (await find(tx, row.id)) as LabelSet;
      }),

    async update(id, change) {
      refuseBuiltIn(id);
      if (!isUuid(id)) return null;
      return write(db, change, async (tx) => {
        const { name = null, templates = null, labels } = change;
        await holdExamples(tx, labels ?? []);
        const changed = await tx.query(
          `UPDATE label_set SET name = coalesce($2, name), templates = coalesce($3::text[], templates),
             updated_at = now() WHERE id = $1 RETURNING id`,
          [id, name, templates],
        );
        if (changed.length > 0 && labels) {
          await tx.query('DELETE FROM label WHERE label_set = $1', [id]);
          await addLabels(tx, id, labels);
        }
        return find(tx, id);
      });
    },

    async delete(id) {
      refuseBuiltIn(id);
      if (!isUuid(id)) return false;
      return (await db.query('DELETE FROM label_set WHERE id = $1 RETURNING id', [id])).length > 0;
    },
  };
}

async function find(db: Queryable, id: string): Promise<LabelSet | null> {
  const builtIn = BUILT_IN_LABEL_SETS.find((set) => set.id === id);
  if (builtIn || !isUuid(id)) return builtIn ?? null;
  // In one statement, so that it is whole while others change it.
  const [row] = await db.query<Omit<LabelSetRow, 'size'> & { labels: StoredLabel[] }>(
    `SELECT s.*, (${LABELS}) AS labels FROM label_set s WHERE s.id = $1`,
    [id],
  );
  return row ? { ...toListed({ ...row, size: row.labels.length }), labels: row.labels } : null;
}

/** One transaction; a name that is taken, by a row or a built-in set, is the client's error. */
async function write<T>(
  db: Database,
  { name }: Partial<LabelSetContent>,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const taken = () =>
    new ClipqlError('BAD_USER_INPUT', `There is a label set called "${name}" already. Choose another name.`);
  if (BUILT_IN_LABEL_SETS.some((set) => set.name === name)) throw taken();
  try {
    return await db.transaction(work);
  } catch (error) {
    throw error instanceof DatabaseError && error.constraint === 'label_set_name_key' ? taken() : error;
  }
}

/**
 * Holds the examples, so that none is deleted before this is committed. First of all in a transaction: else the deletion
 * of a video and this could wait for each other. Throws `NOT_FOUND` for one that is not there.
 */
async function holdExamples(tx: Queryable, labels: StoredLabel[]): Promise<void> {
  const wanted = [...new Set(labels.flatMap(({ examples }) => examples))];
  const known = await tx.query<{ id: string }>(
    'SELECT id FROM video WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE',
    [wanted.filter(isUuid)],
  );
  const ids = new Set(known.map((row) => row.id));
  const unknown = wanted.find((video) => !ids.has(video.toLowerCase()));
  if (unknown !== undefined) {
    throw new ClipqlError('NOT_FOUND', `The example "${unknown}" is not a video of this library.`);
  }
}

async function addLabels(tx: Queryable, id: string, labels: StoredLabel[]): Promise<void> {
  const rows = labels.map((label, i) => ({ ...label, number: i + 1 }));
  const json = JSON.stringify(rows);
  const given =
    'jsonb_to_recordset($2::jsonb) AS r (number integer, label text, texts text[], examples text[])';
  await tx.query(
    `INSERT INTO label (label_set, number, label, texts) SELECT $1, number, label, texts FROM ${given}`,
    [id, json],
  );
  await tx.query(
    `INSERT INTO label_example (label_set, label, number, video_id)
     SELECT $1, r.number, e.number, e.video::uuid FROM ${given}, unnest(r.examples) WITH ORDINALITY AS e (video, number)
     ON CONFLICT DO NOTHING`,
    [id, json],
  );
}

function refuseBuiltIn(id: string): void {
  if (!BUILT_IN_LABEL_SETS.some((set) => set.id === id)) return;
  throw new ClipqlError(
    'BAD_USER_INPUT',
    `The label set ${id} is built in and stays as it is. Create one of your own from its labels.`,
  );
}
