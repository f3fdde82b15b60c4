import { Router } from 'express';
import type { Metrics } from '../metrics.ts';
import { type Access, readersOnly } from './auth.ts';

/** `/metrics`, in the text format of Prometheus, for those who may read. */
export function metricsRoute(metrics: Metrics, access: Access): Router {
  const router = Router();
  router.get('/metrics', readersOnly(access), async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.text());
  });
  return router;
}
