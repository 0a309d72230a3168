import type { Telemetry } from '@switchyard/telemetry';
import express, { type Express, type Request, type Response } from 'express';

import type { Gateway } from '../gateway/gateway.ts';
import { VERSION } from '../version.ts';

/** What the admin listener can ask of the process. */
export interface AdminPorts {
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
  readonly isDraining: () => boolean;
  /** Parts that the process does without for now. */
  readonly degraded: () => string[];
  /** Reads the configuration again; throws what is wrong with it. Returns the settings that need a restart. */
  readonly reload: () => string[];
}

/** Health, metrics and the admin API. Bound to loopback unless the configuration says otherwise. */
export function createAdminApp(ports: AdminPorts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get(['/livez', '/healthz'], (_req, res) => void res.json({ status: 'alive', version: VERSION }));
  app.get('/readyz', (_req, res) => sendReadiness(res, ports));
  app.get('/metrics', async (req, res) => {
    const { contentType, body } = await ports.telemetry.metrics(req.headers.accept);
    res.set('content-type', contentType).send(body);
  });
  app.get(
    '/admin/v1/sites',
    (_req, res) => void res.json({ sites: ports.gateway.runtime().directory.sites.map(siteJson) }),
  );
  app.post('/admin/v1/config/reload', (req, res) => reload(req, res, ports));
  app.use((req, res) =>
    problem(res, 404, `There is nothing at ${req.path}; see /livez, /readyz, /metrics, /admin/v1/sites`),
  );
  return app;
}

function sendReadiness(res: Response, { isDraining, degraded }: AdminPorts): void {
  const draining = isDraining();
  res.status(draining ? 503 : 200).json({ status: draining ? 'draining' : 'ready', degraded: degraded() });
}

function siteJson({
  name,
  cloudId,
  url,
  alias,
  endpoint,
  identity,
  products,
}: ReturnType<Gateway['runtime']>['directory']['sites'][number]): object {
  return { name, cloudId, url, alias: alias ?? null, endpoint, identity, products: products ?? null };
}

/** A page that somebody has open could send this; browsers say where a request comes from. */
function reload(req: Request, res: Response, ports: AdminPorts): void {
  if (req.headers.origin !== undefined) return problem(res, 403, 'Requests from web pages are not accepted');
  try {
    res.json({ reloaded: true, needsRestart: ports.reload() });
  } catch (error) {
    problem(res, 422, error instanceof Error ? error.message : String(error));
  }
}

/** RFC 9457. */
function problem(res: Response, status: number, detail: string): void {
  res.status(status).type('application/problem+json').json({ status, detail });
}
