import express, { type Request, type Response, Router } from 'express';

import type { AdminGuard } from './admin-guard.ts';
import { AdminProblem, type AdminRoute, askedOf } from './admin-route.ts';
import { openApiOf } from './open-api.ts';

/** What happened in the admin API; the audit trail wants it. */
export type OnAdminAction = (action: {
  readonly admin: string;
  readonly operation: string;
  readonly status: number;
  /** The parameters of the path, of what succeeded only: anything may stand in a path that was refused. */
  readonly about?: string;
}) => void;

const MAX_BODY = '64kb';

/** The operations of a table as an Express router below `/admin/v1`; reads are open to the same admins as changes. */
export function createAdminApi(options: {
  readonly routes: readonly AdminRoute[];
  readonly guard: AdminGuard;
  readonly onAction: OnAdminAction;
}): Router {
  const { routes, guard, onAction } = options;
  const router = Router();
  const document: AdminRoute = {
    method: 'get',
    path: '/openapi.json',
    summary: 'This description (OpenAPI 3.1)',
    handle: () => openApiOf([...routes, document]),
  };
  for (const route of [...routes, document]) {
    router[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (req, res) => serve(route, req, res));
  }
  router.use((req, res) =>
    sendProblem(
      res,
      new AdminProblem(404, `There is nothing at ${req.originalUrl}; see /admin/v1/openapi.json.`),
    ),
  );
  return router;

  async function serve(route: AdminRoute, req: Request, res: Response): Promise<void> {
    let admin = 'nobody';
    // Express takes the parameters of a router back once its handler has returned its promise.
    const params = { ...req.params };
    try {
      admin = await guard(req);
      await readBody(req, res);
      const result = await route.handle(askedOf(req, { params, admin }));
      res.set('cache-control', 'no-store');
      if (result === undefined) res.status(204).end();
      else res.json(result);
    } catch (error) {
      sendProblem(res, error);
    } finally {
      if (route.method !== 'get' || admin === 'nobody')
        onAction({ admin, operation: `${route.method} ${route.path}`, ...resultOf(res.statusCode, params) });
    }
  }
}

function resultOf(status: number, params: Request['params']): { status: number; about?: string } {
  const about = Object.values(params).join(' ');
  return { status, ...(status < 400 && about !== '' && { about }) };
}

const parseJson = express.json({ limit: MAX_BODY, strict: true });

function readBody(req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    parseJson(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
}

/** RFC 9457. What is thrown by anything else is not for the one who asked. */
function sendProblem(res: Response, error: unknown): void {
  const { status, detail } = problemOf(error);
  if (status === 401) res.set('www-authenticate', 'Bearer');
  res.status(status).type('application/problem+json').json({ status, detail });
}

function problemOf(error: unknown): { status: number; detail: string } {
  if (error instanceof AdminProblem) return { status: error.status, detail: error.message };
  const { type } = (error ?? {}) as { type?: unknown };
  if (type === 'entity.parse.failed') return { status: 400, detail: 'The body is not JSON.' };
  if (type === 'entity.too.large') return { status: 413, detail: `The body is larger than ${MAX_BODY}.` };
  return { status: 500, detail: 'Something went wrong inside; see the log.' };
}
