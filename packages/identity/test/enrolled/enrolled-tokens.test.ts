import { describe, expect, it, vi } from 'vitest';

import { createEnrolledTokens, createMemoryState, type TokenRequest } from '../../src/index.ts';
import { CREDENTIAL_KEY } from '../inbound-fixture.ts';
import { openMemoryStates, openRedisStates } from '../state/open-states.ts';
import { CANARY, DAY_MS, openTokens, REQUEST, ringOf, watched } from './enrolled-fixture.ts';

describe.each([
  ['memory', openMemoryStates],
  ['Redis', openRedisStates],
])('enrolled tokens in %s', (_where, open) => {
  it('knows no token that it did not hand out', async () => {
    const { one } = open();
    const other = openTokens(createMemoryState());
    const { token } = await other.tokens.create(REQUEST);

    expect(await openTokens(one).tokens.verify(token)).toBeUndefined();
    expect(await openTokens(one).tokens.list()).toEqual([]);
    expect(await openTokens(one).tokens.revoke('0'.repeat(24))).toBe(false);
  });

  it('is good on every replica, within its limits, with the account that it acts as', async () => {
    const { one, other } = open();
    const { token, enrolled } = await openTokens(one).tokens.create(REQUEST);

    const verified = await openTokens(other).tokens.verify(token);

    expect(verified).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      name: 'nightly build',
      owner: 'ann@acme.example',
      role: 'caller',
      picks: {
        cloudIds: new Set(['11111111-aaaa-4aaa-8aaa-000000000001']),
        products: { jira: 'read' },
        readOnly: true,
      },
      actsAs: 'account',
      createdAtMs: expect.any(Number),
      expiresAtMs: expect.any(Number),
      credential: { id: expect.any(String), kind: 'basic', authorization: expect.anything() },
    });
    expect(verified?.credential?.authorization.reveal()).toBe(
      `Basic ${Buffer.from(`bot@acme.example:${CANARY}`).toString('base64')}`,
    );
    expect(verified).toMatchObject(enrolled);
  });

  it('ends with its time, not before and not after', async () => {
    const { one } = open();
    const { tokens, clock } = openTokens(one);
    const { token, enrolled } = await tokens.create({ ...REQUEST, ttlMs: 60_000 });

    clock.nowMs = enrolled.expiresAtMs - 1;
    expect(await tokens.verify(token)).toBeDefined();
    clock.nowMs = enrolled.expiresAtMs;
    expect(await tokens.verify(token)).toBeUndefined();
    expect(await tokens.list()).toEqual([]);
  });

  it('is good nowhere once it is revoked, and every replica is told', async () => {
    const { one, other } = open();
    const here = openTokens(one);
    const there = openTokens(other);
    const kept = await here.tokens.create(REQUEST);
    const { token, enrolled } = await here.tokens.create(REQUEST);

    await vi.waitFor(async () => {
      // A subscription takes a moment; the news is repeated with every attempt.
      await here.tokens.revoke(enrolled.id);
      expect(there.revoked).toContain(enrolled.id);
      expect(here.revoked).toContain(enrolled.id);
    });

    expect(await there.tokens.verify(token)).toBeUndefined();
    expect(await there.tokens.verify(kept.token)).toBeDefined();
    expect((await there.tokens.list()).map(({ id }) => id)).toEqual([kept.enrolled.id]);
  });

  it('has one winner among many who revoke it, and nobody who verifies it afterwards', async () => {
    const { one, other } = open();
    const [here, there] = [openTokens(one), openTokens(other)];
    const { token, enrolled } = await here.tokens.create(REQUEST);

    const races = await Promise.all(
      Array.from({ length: 50 }, (_, at) => (at % 2 ? here : there).tokens.revoke(enrolled.id)),
    );
    const late = await Promise.all(Array.from({ length: 50 }, () => there.tokens.verify(token)));

    expect(races.filter(Boolean)).toHaveLength(1);
    expect(late.filter((each) => each !== undefined)).toEqual([]);
  });

  it('does not come back when it is sealed anew while it is revoked', async () => {
    const { one } = open();
    const { token, enrolled } = await openTokens(one).tokens.create(REQUEST);
    const rotated = openTokens(one, { keys: ringOf('k2', 'k1') });

    await Promise.all([rotated.tokens.verify(token), rotated.tokens.revoke(enrolled.id)]);

    expect(await rotated.tokens.verify(token)).toBeUndefined();
  });

  it('is sealed under the current key when it is used, so that the old one can be retired', async () => {
    const { one } = open();
    const { token } = await openTokens(one).tokens.create(REQUEST);
    expect(await openTokens(one, { keys: ringOf('k2') }).tokens.verify(token)).toBeUndefined();

    expect(await openTokens(one, { keys: ringOf('k2', 'k1') }).tokens.verify(token)).toBeDefined();
    expect(await openTokens(one, { keys: ringOf('k2') }).tokens.verify(token)).toBeDefined();
  });

  it('lists what there is, oldest first, with the last use to a minute and without secrets (I5)', async () => {
    const { one } = open();
    const { tokens, clock } = openTokens(one);
    const first = await tokens.create(REQUEST);
    clock.nowMs += 1;
    const second = await tokens.create({ name: 'ops', role: 'admin', ttlMs: DAY_MS });
    await tokens.verify(first.token);
    const usedAt = clock.nowMs;
    clock.nowMs += 59_999;
    await tokens.verify(first.token);

    await vi.waitFor(async () =>
      expect(await tokens.list()).toEqual([{ ...first.enrolled, lastUsedAtMs: usedAt }, second.enrolled]),
    );
    expect(JSON.stringify(await tokens.list())).not.toMatch(/canary|swy_pat_|Basic/);
  });

  it('holds no more than a bounded number, not counting those that are gone (I9)', async () => {
    const { one } = open();
    const { tokens } = openTokens(one, { maxTokens: 2 });
    const { enrolled } = await tokens.create(REQUEST);
    await tokens.create(REQUEST);

    await expect(tokens.create(REQUEST)).rejects.toMatchObject({
      code: 'invalid_option',
      message: 'There are 2 tokens already: revoke some that nobody uses.',
    });
    await tokens.revoke(enrolled.id);
    await expect(tokens.create(REQUEST)).resolves.toBeDefined();
  });

  it('lets nobody in while the store does not answer', async () => {
    const { one } = open();
    const { tokens } = openTokens(one);
    const { token } = await tokens.create(REQUEST);
    const away = openTokens({ ...one, get: () => Promise.reject(new Error('away')) });

    await expect(away.tokens.verify(token)).rejects.toThrow('away');
  });
});

it('refuses every mutation of a good token, and asks the store about none', async () => {
  const { state, reads } = watched(createMemoryState());
  const { tokens } = openTokens(state);
  const { token } = await tokens.create(REQUEST);
  const before = reads();
  const mutations = new Set<string>();
  for (let at = 0; at < token.length; at += 1) {
    const [head, character, tail] = [token.slice(0, at), token.charAt(at), token.slice(at + 1)];
    for (const other of ['0', 'a', 'Z', '_', ' ', 'é']) mutations.add(`${head}${other}${tail}`);
    mutations.add(`${head}${tail}`);
    mutations.add(`${head}${character}${character}${tail}`);
    mutations.add(`${head}${tail.charAt(0)}${character}${tail.slice(1)}`);
    mutations.add(
      `${head}${/[a-z]/.test(character) ? character.toUpperCase() : character.toLowerCase()}${tail}`,
    );
    mutations.add(head);
  }
  for (const around of [' ', '\n', '\0', '=', 'Bearer '])
    mutations.add(`${around}${token}`).add(`${token}${around}`);
  mutations.delete(token);

  const accepted: string[] = [];
  for (const mutation of mutations) if (await tokens.verify(mutation)) accepted.push(mutation);

  expect(accepted).toEqual([]);
  expect(mutations.size).toBeGreaterThan(400);
  expect(reads()).toBe(before);
  expect(await tokens.verify(token)).toBeDefined();
});

it('stores neither a token nor the secret that it acts with, in no form that can be read (I5)', async () => {
  const { state, written } = watched(createMemoryState());
  const { tokens } = openTokens(state);
  const { token, enrolled } = await tokens.create(REQUEST);
  await tokens.verify(token);
  await tokens.revoke(enrolled.id);

  const text = written.join('\n');
  expect(written.length).toBeGreaterThan(6);
  for (const secret of [token, token.slice(8, 51), CANARY, Buffer.from(CANARY).toString('base64url')])
    expect(text).not.toContain(secret);
});

it('does not open a record that was moved to another token, or changed', async () => {
  const state = createMemoryState();
  const { tokens } = openTokens(state);
  const weak = await tokens.create({ name: 'weak', ttlMs: DAY_MS });
  const strong = await tokens.create({ name: 'strong', role: 'admin', ttlMs: DAY_MS });
  const record = (await state.get(`enrolled:${strong.enrolled.id}`))?.value ?? '';

  await state.put(`enrolled:${weak.enrolled.id}`, record);
  expect(await tokens.verify(weak.token)).toBeUndefined();
  for (let at = 0; at < record.length; at += 7) {
    await state.put(`enrolled:${strong.enrolled.id}`, `${record.slice(0, at)}!${record.slice(at + 1)}`);
    expect(await tokens.verify(strong.token)).toBeUndefined();
  }
  await state.put(`enrolled:${strong.enrolled.id}`, record);
  expect(await tokens.verify(strong.token)).toMatchObject({ role: 'admin', credential: undefined });
});

it('gives each token the account that it was made with (I1)', async () => {
  const { tokens } = openTokens(createMemoryState());
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      tokens.create({
        name: `n${at}`,
        ttlMs: DAY_MS,
        actsAs: { serviceAccountKey: `ATSTTkey-number-${at}` },
      }),
    ),
  );

  const keys = await Promise.all(made.map(({ token }) => tokens.verify(token)));

  expect(keys.map((each) => [each?.name, each?.credential?.authorization.reveal()])).toEqual(
    made.map((_, at) => [`n${at}`, `Bearer ATSTTkey-number-${at}`]),
  );
});

it.each<[string, Partial<TokenRequest>, string]>([
  ['no name', { name: ' ' }, 'needs a name'],
  ['a name with a line break', { name: 'a\nb' }, 'needs a name'],
  ['a name that turns the text around', { name: 'a\u202eb' }, 'needs a name'],
  ['a long name', { name: 'x'.repeat(81) }, 'needs a name'],
  ['an owner without an address', { owner: 'ann' }, 'e-mail address'],
  ['no time to live', { ttlMs: Number.NaN }, 'one minute to 366 days'],
  ['too short a time', { ttlMs: 59_999 }, 'one minute to 366 days'],
  ['too long a time', { ttlMs: 366 * DAY_MS + 1 }, 'one minute to 366 days'],
  ['no site', { sites: [] }, 'for no site'],
  ['a site by its name', { sites: ['eng'] }, 'by their cloudIds'],
  ['an unknown product', { products: { jirra: 'read' } as never }, 'product'],
  ['an unknown level', { products: { jira: 'admin' as never } }, 'product'],
  ['an admin token that acts at Atlassian', { role: 'admin' }, 'opens the admin API and no site'],
  ['an e-mail that is none', { actsAs: { email: 'bot', apiToken: CANARY } }, 'the e-mail address is not one'],
  [
    'a token with a newline',
    { actsAs: { email: 'b@a.example', apiToken: `${CANARY}\n` } },
    'ends in a newline',
  ],
  ['an empty key', { actsAs: { serviceAccountKey: '' } }, 'the key is empty'],
  ['a JWT as a key', { actsAs: { serviceAccountKey: 'eyJh.e30.c2ln' } }, 'not a service account key'],
])('refuses a request with %s, says why, and quotes no secret', async (_what, change, fragment) => {
  const { state, written } = watched(createMemoryState());
  const { tokens } = openTokens(state);

  const refused = await tokens.create({ ...REQUEST, ...change }).catch((error: unknown) => error);

  expect(refused).toMatchObject({ name: 'IdentityError', message: expect.stringContaining(fragment) });
  expect(String(refused)).not.toContain('canary');
  expect(written).toEqual([]);
});

it('does not begin with a short key', () => {
  const state = createMemoryState();

  expect(() =>
    createEnrolledTokens({ state, keys: ringOf('k1'), credentialKey: CREDENTIAL_KEY.subarray(1) }),
  ).toThrow('at least 32 bytes');
});
