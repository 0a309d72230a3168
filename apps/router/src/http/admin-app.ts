import type { Telemetry } from '@switchyard/telemetry';
import express, { type Express, type Response, type Router } from 'express';

import { VERSION } from '../version.ts';

/** What the admin listener can ask of the process. */
export interface AdminPorts {
  readonly telemetry: Telemetry;
  readonly isDraining: () => boolean;
  /** Parts that the process does without for now. */
  readonly degraded: () => string[];
  /** Everything below `/admin/v1`. */
  readonly api: Router;
}

/** Health, metrics and the admin API. Bound to loopback unless the configuration says otherwise. */
export function createAdminApp({ telemetry, isDraining, degraded, api }: AdminPorts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get(['/livez', '/healthz'], (_req, res) => void res.json({ status: 'alive', version: VERSION }));
  app.get('/readyz', (_req, res) => {
    const draining = isDraining();
    res.status(draining ? 503 : 200).json({ status: draining ? 'draining' : 'ready', degraded: degraded() });
  });
  app.get('/metrics', async (req, res) => {
    const { contentType, body } = await telemetry.metrics(req.headers.accept);
    res.set('content-type', contentType).send(body);
  });
  app.use('/admin/v1', api);
  app.use((req, res) =>
    problem(
      res,
      404,
      `There is nothing at ${req.path}; see /livez, /readyz, /metrics, /admin/v1/openapi.json`,
    ),
  );
  return app;
}

/** RFC 9457. */
function problem(res: Response, status: number, detail: string): void {
  res.status(status).type('application/problem+json').json({ status, detail });
}
