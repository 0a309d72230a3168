import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';

import { createAdminApi } from '../../src/admin/admin-api.ts';
import { createAdminGuard } from '../../src/admin/admin-guard.ts';
import { AdminProblem, type AdminRoute } from '../../src/admin/admin-route.ts';

const ROUTES: readonly AdminRoute[] = [
  {
    method: 'get',
    path: '/things',
    summary: 'All things',
    query: { kind: 'Of one kind' },
    handle: ({ query }) => ({ kind: query('kind') ?? 'any' }),
  },
  {
    method: 'put',
    path: '/things/{id}',
    summary: 'Makes one',
    body: { name: 'Its name' },
    handle: ({ param, body, admin }) => ({ id: param('id'), ...body, admin }),
  },
  { method: 'delete', path: '/things/{id}', summary: 'Ends one', handle: () => undefined },
  {
    method: 'get',
    path: '/gone',
    summary: 'Never there',
    handle() {
      throw new AdminProblem(404, 'No thing is called gone; see /things.');
    },
  },
  {
    method: 'get',
    path: '/broken',
    summary: 'Fails',
    handle() {
      throw new Error('canary-secret inside');
    },
  },
];

function serve(groups: readonly string[] = []): { app: express.Express; actions: string[] } {
  const actions: string[] = [];
  const guard = createAdminGuard({
    groups: () => groups,
    verify: async (token) => (token === 'good' ? 'ann@acme.example' : undefined),
  });
  const app = express();
  app.use(
    '/admin/v1',
    createAdminApi({
      routes: ROUTES,
      guard,
      onAction: ({ admin, operation, status }) => void actions.push(`${admin} ${operation} ${status}`),
    }),
  );
  return { app, actions };
}

describe('the admin API', () => {
  it.each([
    ['from a page of another origin', { origin: 'https://evil.example' }, 403],
    ['from a form of a page', { 'sec-fetch-site': 'cross-site' }, 403],
    ['under a name that was bent to this machine', { host: 'evil.example' }, 401],
    ['with a token that is not good', { authorization: 'Bearer bad' }, 401],
    ['with an API token', { authorization: 'Basic YTpi' }, 200],
    ['from this machine', {}, 200],
    ['with an admin token', { authorization: 'Bearer good', host: 'admin.acme.example' }, 200],
  ])('answers a request %s', async (_what, headers, status) => {
    const answer = await request(serve().app).get('/admin/v1/things').set(headers);

    expect(answer.status).toBe(status);
    if (status !== 200) expect(answer.type).toBe('application/problem+json');
  });

  it('wants a token from everybody once groups are named', async () => {
    const { app, actions } = serve(['admins']);

    expect((await request(app).get('/admin/v1/things')).status).toBe(401);
    expect((await request(app).get('/admin/v1/things').set('authorization', 'Bearer good')).status).toBe(200);
    expect(actions).toEqual(['nobody get /things 401']);
  });

  it.each([
    ['a body that is no JSON', '{', 400, 'The body is not JSON.'],
    ['a body that is no object', '3', 400, 'The body is not JSON.'],
    ['a body that is too large', JSON.stringify({ name: 'x'.repeat(70_000) }), 413, 'larger than'],
  ])('refuses %s', async (_what, body, status, detail) => {
    const answer = await request(serve().app)
      .put('/admin/v1/things/a')
      .set('content-type', 'application/json')
      .send(body);

    expect(answer.status).toBe(status);
    expect(String((answer.body as { detail: unknown }).detail)).toContain(detail);
  });

  it.each([
    ['/gone', 404, 'No thing is called gone; see /things.'],
    ['/nothing', 404, 'There is nothing at /admin/v1/nothing; see /admin/v1/openapi.json.'],
    ['/broken', 500, 'Something went wrong inside; see the log.'],
  ])('says what is wrong with %s, and nothing of what is inside', async (path, status, detail) => {
    const answer = await request(serve().app).get(`/admin/v1${path}`);

    expect(answer.body).toEqual({ status, detail });
  });

  it('does what it is asked, once, and tells who asked for a change', async () => {
    const { app, actions } = serve();

    expect((await request(app).put('/admin/v1/things/a').send({ name: 'A' })).body).toEqual({
      id: 'a',
      name: 'A',
      admin: 'local',
    });
    expect((await request(app).delete('/admin/v1/things/a')).status).toBe(204);
    expect((await request(app).get('/admin/v1/things?kind=small')).body).toEqual({ kind: 'small' });
    expect(actions).toEqual(['local put /things/{id} 200', 'local delete /things/{id} 204']);
  });

  it('describes every operation of its table', async () => {
    const { body } = (await request(serve().app).get('/admin/v1/openapi.json')) as {
      body: { paths: Record<string, Record<string, { operationId: string }>> };
    };
    const operations = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path.slice('/admin/v1'.length)}`),
    );

    expect(operations.toSorted()).toEqual(
      ['get /openapi.json', ...ROUTES.map(({ method, path }) => `${method} ${path}`)].toSorted(),
    );
  });
});
