import { Router } from 'express';
import type { Database } from '../db/database.ts';
import type { XClip } from '../xclip/xclip.ts';
import { publicName } from './public-name.ts';

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
export function health(db: Database, model: XClip): Router {
  const router = Router();
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/health/ready', async (_request, response) => {
    const database = await answers(db);
    response
      .status(database ? 200 : 503)
      .json({ status: database ? 'ok' : 'unavailable', database, model: publicName(model.name) });
  });
  return router;
}
