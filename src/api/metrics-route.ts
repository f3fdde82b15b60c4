import { Router } from 'express';
import type { Metrics } from '../metrics.ts';

/** `/metrics`, in the text format of Prometheus. */
export function metricsRoute(metrics: Metrics): Router {
  const router = Router();
  router.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.text());
  });
  return router;
}
