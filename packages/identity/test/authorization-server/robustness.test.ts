import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, test } from 'vitest';

import { createAuthorizationServer } from '../../src/authorization-server/load-authorization-server.ts';
import { IdentityError } from '../../src/errors.ts';
import type { DurableState } from '../../src/state/durable-state.ts';
import { createMemoryState } from '../../src/state/memory-state.ts';
import {
  askToken,
  authorizeUrl,
  connect,
  KEYS,
  register,
  startTestServer,
  type TestServer,
} from './test-server.ts';

let running: TestServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** A store that can be told to stop answering after so many writes. */
function fragileState(): DurableState & { dieAfterWrites(count: number): void; recover(): void } {
  const state = createMemoryState();
  let left = Infinity;
  const alive = (): void => {
    if (left <= 0)
      throw new IdentityError('state_unavailable', 'The store of grants and links does not answer.');
  };
  return {
    ...state,
    async get(key) {
      alive();
      return state.get(key);
    },
    async put(...args) {
      alive();
      left -= 1;
      return state.put(...args);
    },
    dieAfterWrites: (count) => void (left = count),
    recover: () => void (left = Infinity),
  };
}

describe('a process or a store that dies in the middle', () => {
  test('a refresh that is cut anywhere loses no connection: the same token works again', async () => {
    const state = fragileState();
    running = await startTestServer({ state });
    const { clientId, refreshToken } = await connect(running);
    const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken };
    for (const writes of [0, 1, 2]) {
      state.dieAfterWrites(writes);
      expect((await askToken(running, form)).status).toBeGreaterThanOrEqual(500);
      state.recover();
      const { status, body } = await askToken(running, form);
      expect(status).toBe(200);
      expect((await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`)).ok).toBe(
        true,
      );
    }
  });

  test('a token that is not known here is not called bad while the store is away', async () => {
    const state = fragileState();
    running = await startTestServer({ state });
    const { accessToken } = await connect(running);
    const replica = await createAuthorizationServer(running.options);
    state.dieAfterWrites(0);
    expect(await replica.verify(accessToken, `${running.origin}/mcp`)).toEqual({
      ok: false,
      fault: 'unavailable',
    });
    state.recover();
    expect((await replica.verify(accessToken, `${running.origin}/mcp`)).ok).toBe(true);
    await replica.close();
  });

  test('a store that is sealed under another key is said to be that, and not overwritten', async () => {
    const state = createMemoryState();
    running = await startTestServer({ state });
    const other = { current: 'k1', key: () => new Uint8Array(32).fill(9) };
    await expect(createAuthorizationServer({ ...running.options, keys: other })).rejects.toThrow(
      'encryption key',
    );
    expect((await createAuthorizationServer({ ...running.options, keys: KEYS })).serves('/oauth/token')).toBe(
      true,
    );
  });
});

describe('bounds', () => {
  test('registrations of one address, and of all', async () => {
    running = await startTestServer({ addressOf: () => '203.0.113.7' });
    const app = running;
    const answers = await Promise.all(Array.from({ length: 125 }, () => register(app)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(120);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
    app.clock.aheadMs = 600_001;
    expect((await register(app)).status).toBe(201);
  });

  test('registered clients in number; a place becomes free when one is forgotten', async () => {
    running = await startTestServer({ maxRegisteredClients: 2 });
    const [first] = [await register(running), await register(running)];
    expect((await register(running)).status).toBe(503);
    await running.server.revokeClient(String(first.body['client_id']));
    expect((await register(running)).status).toBe(201);
  });

  test('authorization requests of one address', async () => {
    running = await startTestServer({ addressOf: () => '203.0.113.7' });
    const app = running;
    const clientId = String((await register(app)).body['client_id']);
    const answers = await Promise.all(
      Array.from({ length: 125 }, () => fetch(authorizeUrl(app, clientId), { redirect: 'manual' })),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  });

  test('a provider of everybody is refused at the start', async () => {
    running = await startTestServer();
    const identityProvider = { ...running.options.identityProvider, issuer: 'https://accounts.google.com' };
    await expect(createAuthorizationServer({ ...running.options, identityProvider })).rejects.toThrow('hd');
    const own = { ...identityProvider, requiredClaims: { hd: 'acme.example' } };
    expect(
      (await createAuthorizationServer({ ...running.options, identityProvider: own })).serves('/oauth/token'),
    ).toBe(true);
  });
});

describe('behind a proxy that speaks https', () => {
  test('cookies are for https only, and every address is the public one', async () => {
    running = await startTestServer();
    const clientId = String((await register(running)).body['client_id']);
    const server = await createAuthorizationServer({
      ...running.options,
      issuer: 'https://mcp.acme.example',
      findResource: (url) => url,
    });
    const http = createServer((req, res) => void server.handle(req, res));
    await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const { pathname, search } = new URL(authorizeUrl(running, clientId, { resource: undefined }));
    const { headers } = await new Promise<{ headers: NodeJS.Dict<string | string[]> }>((resolve) => {
      request({ port, path: pathname + search, headers: { host: 'mcp.acme.example' } }, resolve).end();
    });
    http.close();
    await server.close();
    expect(headers['location']).toMatch(/^\/oauth\/interaction\//);
    const cookies = [headers['set-cookie'] ?? []].flat();
    expect(cookies.map((each) => each.split('=')[0])).toEqual([
      '__Secure-switchyard-interaction',
      '__Secure-switchyard-interaction.sig',
      '__Secure-switchyard-resume',
      '__Secure-switchyard-resume.sig',
    ]);
    for (const cookie of cookies)
      expect(cookie.toLowerCase()).toMatch(
        /; path=\/oauth\/.*secure; httponly; samesite=lax|; path=\/oauth\/.*samesite=lax; secure; httponly/,
      );
  });
});
