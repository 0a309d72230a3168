import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';

import type { AuthorizationServer } from '../../src/authorization-server/authorization-server.ts';
import { createAuthorizationServer } from '../../src/authorization-server/load-authorization-server.ts';
import type { DurableState } from '../../src/state/durable-state.ts';
import { createMemoryState } from '../../src/state/memory-state.ts';
import { createRedisState } from '../../src/state/redis-state.ts';
import { askToken, connect, register, startTestServer, type TestServer } from './test-server.ts';

interface Stores {
  readonly state: () => DurableState;
  readonly close: () => Promise<void>;
}

/** A store that two replicas share: each has its own connection to it. */
const STORES: readonly [string, () => Stores][] = [
  [
    'in this process',
    () => {
      const shared = createMemoryState();
      return { state: () => shared, close: () => shared.close() };
    },
  ],
  [
    'in Redis',
    () => {
      const prefix = `switchyard:test:${Math.random().toString(36).slice(2)}:`;
      const connections: Redis[] = [];
      return {
        state: () => {
          const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 1 });
          connections.push(redis);
          return createRedisState({ redis, prefix });
        },
        close: async () => {
          const keys = await connections[0]?.keys(`${prefix}*`);
          if (keys && keys.length > 0) await connections[0]?.del(...keys);
          for (const redis of connections) redis.disconnect();
        },
      };
    },
  ],
];

/** Whether news of one arrive at the other. */
async function hears(one: AuthorizationServer, another: AuthorizationServer): Promise<boolean> {
  let heard = false;
  const stop = another.onChange(() => void (heard = true));
  await one.unblockClient('nobody');
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop();
  return heard;
}

function keyOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
}

describe.each(STORES)('two replicas, with state %s', (_where, open) => {
  let stores: Stores;
  let running: TestServer;
  let other: AuthorizationServer;
  let otherState: DurableState;
  let resource: string;

  beforeEach(async () => {
    stores = open();
    running = await startTestServer({ state: stores.state() });
    otherState = stores.state();
    other = await createAuthorizationServer({ ...running.options, state: otherState });
    resource = `${running.origin}/mcp`;
    // A subscription is under way for a moment.
    await expect.poll(async () => hears(running.server, other)).toBe(true);
  });
  afterEach(async () => {
    await other.close();
    await otherState.close();
    await stores.close();
    await running.close();
  });

  const isGone = (token: string) =>
    expect
      .poll(async () => (await other.verify(token, resource)).ok, { timeout: 1_000, interval: 10 })
      .toBe(false);

  test('a token of one is good at the other, and revoked there within a second', async () => {
    const { accessToken, clientId } = await connect(running);
    expect((await other.verify(accessToken, resource)).ok).toBe(true);
    const [connection] = await other.connections({ clientId });
    await running.server.revokeConnection(connection?.id ?? '');
    await isGone(accessToken);
  });

  test('a person who is disabled loses everything, and gets nothing more', async () => {
    const { accessToken, refreshToken, clientId } = await connect(running);
    const verdict = await other.verify(accessToken, resource);
    const personId = (verdict.ok && verdict.token.person?.id) || '';
    expect(await running.server.disablePerson(personId)).toBe(true);
    await isGone(accessToken);
    const refreshed = await askToken(running, {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshToken,
    });
    expect(refreshed.body['error']).toBe('invalid_grant');
    await expect(connect(running)).rejects.toThrow('disabled');
    await running.server.enablePerson(personId);
    expect((await connect(running)).accessToken).not.toBe('');
    expect(await running.server.disablePerson('nobody')).toBe(false);
  });

  test('a client that is blocked is out at once, and in again when unblocked and registered anew', async () => {
    const { accessToken, clientId } = await connect(running);
    expect((await other.verify(accessToken, resource)).ok).toBe(true);
    expect(await running.server.revokeClient(clientId, { block: true })).toBe(1);
    await isGone(accessToken);
    const answer = await fetch(`${running.origin}/oauth/authorize?client_id=${clientId}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('invalid_client');
  });

  test('a token of an unknown client is answered so that hosted clients register anew', async () => {
    const { refreshToken, clientId } = await connect(running);
    await running.server.revokeClient(clientId);
    const refreshed = await askToken(running, {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshToken,
    });
    expect(refreshed).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  test('signing keys rotate without one failed request', async () => {
    const before = await connect(running);
    const kids = async (): Promise<number> => {
      const { keys } = (await (await fetch(`${running.origin}/oauth/jwks`)).json()) as { keys: unknown[] };
      return keys.length;
    };
    await running.server.rotateKeys();
    await running.server.rotateKeys();
    expect(await kids()).toBe(2);
    expect((await other.verify(before.accessToken, resource)).ok).toBe(true);
    running.clock.aheadMs = 61_000;
    const after = await connect(running);
    expect(keyOf(after.accessToken)).not.toEqual(keyOf(before.accessToken));
    for (const token of [before.accessToken, after.accessToken])
      expect((await other.verify(token, resource)).ok).toBe(true);
    running.clock.aheadMs = 61_000 + 901_000;
    expect(await kids()).toBe(1);
  });
});

test('what is kept in Redis says nothing to whoever reads it', async () => {
  const redis = new Redis(inject('redisUrl'));
  const prefix = 'switchyard:test:reader:';
  const running = await startTestServer({ state: createRedisState({ redis, prefix }) });
  const { refreshToken } = await connect(running);
  const method = { token_endpoint_auth_method: 'client_secret_basic' };
  const secret = String((await register(running, method)).body['client_secret']);
  const keys = await redis.keys(`${prefix}*`);
  const values = await Promise.all(keys.map((key) => redis.hget(key, 'v').catch(() => '')));
  const everything = [...keys, ...values].join('\n');
  expect(keys.length).toBeGreaterThan(5);
  for (const text of [refreshToken, secret, 'acme.example', 'Alice', 'claude.ai']) {
    expect(everything).not.toContain(text);
  }
  await redis.del(...keys);
  await running.close();
  redis.disconnect();
});
