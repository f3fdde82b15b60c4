import { Router } from 'express';
import type { Database } from '../db/database.ts';
import type { Models } from '../models/models.ts';
import { publicName } from '../models/public-name.ts';

/** Milliseconds the database has to answer. */
const PATIENCE = 2000;

const answers = (db: Database): Promise<boolean> =>
  Promise.race([
    db.query('select 1').then(
      () => true,
      () => false,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE, false).unref()),
  ]);

/** `/health/live`: the process answers. `/health/ready`: it can serve, since database and model are there. */
export function health(db: Database, models: Models): Router {
  const router = Router();
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/health/ready', async (_request, response) => {
    const database = await answers(db);
    const [model] = database ? await models.list() : [];
    const ready = model?.state === 'READY';
    response.status(ready ? 200 : 503).json({
      status: ready ? 'ok' : 'unavailable',
      database,
      model: model ? publicName(model.name) : null,
      modelState: model?.state ?? null,
      progress: model?.progress ?? null,
    });
  });
  return router;
}
