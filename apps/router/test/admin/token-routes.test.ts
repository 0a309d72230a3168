import request from 'supertest';
import { expect, it } from 'vitest';

import { ADMIN, openTokenEstate, type TokenEstate } from './token-estate.ts';

const BODY = { name: 'nightly build', ttlSeconds: 3_600 };

function ask({ app }: TokenEstate, method: 'get' | 'post' | 'delete', path = '/tokens'): request.Test {
  return request(app)[method](`/admin/v1${path}`).set('authorization', `Bearer ${ADMIN}`);
}

it('hands out, lists and ends tokens for nobody but administrators', async () => {
  const estate = openTokenEstate();
  for (const method of ['get', 'post'] as const)
    expect((await request(estate.app)[method]('/admin/v1/tokens')).status).toBe(401);
  expect((await request(estate.app).delete('/admin/v1/tokens/abc')).status).toBe(401);
});

it.each<[string, object, string]>([
  ['no name', { name: undefined }, 'name:'],
  ['no time to live', { ttlSeconds: undefined }, 'ttlSeconds:'],
  ['a key that it does not know', { canary: ['x'] }, 'the keys of a token are name, owner'],
  ['a site that is not there', { sites: ['nowhere'] }, 'No site is called "nowhere"'],
  ['a product that is not there', { products: { jirra: 'read' } }, 'products'],
  ['a time that is too long', { ttlSeconds: 400 * 86_400 }, 'one minute to 366 days'],
  ['half an account', { actsAs: { email: 'canary@acme.example' } }, 'actsAs'],
  [
    'an account that cannot be one',
    { actsAs: { email: 'canary', apiToken: 'canary-token' } },
    'e-mail address is not one',
  ],
  ['an admin token for a site', { role: 'admin', sites: ['eng'] }, 'opens the admin API and no site'],
])('refuses a request with %s and says why, without what was given', async (_what, change, fragment) => {
  const answer = await ask(openTokenEstate(), 'post').send({ ...BODY, ...change });

  expect(answer.status).toBe(422);
  expect(answer.body).toEqual({ status: 422, detail: expect.stringContaining(fragment) });
  expect(answer.text).not.toContain('canary');
});

it('shows a token once, and what it may do whenever it is asked', async () => {
  const estate = openTokenEstate();
  const made = await ask(estate, 'post').send({
    ...BODY,
    owner: 'ann@acme.example',
    sites: ['eng', 'OPS.atlassian.net'],
    products: { jira: 'read' },
    readOnly: true,
    actsAs: { email: 'bot@acme.example', apiToken: 'canary-token' },
  });
  const { token, ...shown } = made.body as { token: string };
  const listed = await ask(estate, 'get');

  expect(made.status).toBe(200);
  expect(token).toMatch(/^swy_pat_/);
  expect(shown).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{24}$/),
    name: 'nightly build',
    owner: 'ann@acme.example',
    role: 'caller',
    sites: ['eng', 'ops'],
    products: { jira: 'read' },
    readOnly: true,
    actsAs: 'account',
    createdAt: expect.any(String),
    expiresAt: expect.any(String),
    lastUsedAt: null,
  });
  expect(listed.body).toEqual({ tokens: [shown] });
  expect(listed.text + JSON.stringify(shown)).not.toMatch(/swy_pat_|canary/);
});

it('ends a token, and has none of that name afterwards', async () => {
  const estate = openTokenEstate();
  const { token, enrolled } = await estate.tokens.create({ name: 'x', ttlMs: 60_000 });

  expect((await ask(estate, 'delete', `/tokens/${enrolled.id}`)).status).toBe(204);
  expect(await estate.tokens.verify(token)).toBeUndefined();
  expect((await ask(estate, 'delete', `/tokens/${enrolled.id}`)).status).toBe(404);
});

it('says that it cannot tell while the store does not answer', async () => {
  const estate = openTokenEstate();
  await estate.goAway();

  expect((await ask(estate, 'delete', `/tokens/${'0'.repeat(24)}`)).status).toBe(503);
});
