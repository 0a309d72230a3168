import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';

import { createRedisState, createVault, type LinkedSite, type Vault } from '../../src/index.ts';
import {
  ALICE,
  createClock,
  createServer,
  ENG,
  LIFE_MS,
  oauthLink,
  onlyLink,
  ringOf,
  soon,
} from './fixture.ts';

const CHILD = fileURLToPath(new URL('crash-child.mjs', import.meta.url));

/** Where the replica is killed: before it gets the answer, with the answer in its memory, or right after storing it. */
type Moment = 'asking' | 'storing' | 'stored';

interface Scene {
  readonly vault: () => Vault;
  readonly clock: ReturnType<typeof createClock>;
  /** Refresh tokens that were presented, one a request. */
  readonly presented: readonly string[];
  killAt(moment: Moment): Promise<void>;
}

/** An authorization server that rotates, replicas over one Redis, and a link whose token has run out. */
async function openScene({ grace }: { readonly grace: boolean }): Promise<Scene> {
  const clock = createClock();
  const grants = createServer(clock);
  const { refresh } = grants;
  // Within the grace the last refresh token is taken again, for the pair that it had given.
  const given = new Map<string, ReturnType<typeof refresh>>();
  grants.refresh = (grant) => {
    const known = grace ? given.get(grant.refreshToken ?? '') : undefined;
    if (known) grants.presented.push(grant.refreshToken ?? '');
    const answer = known ?? refresh(grant);
    given.set(grant.refreshToken ?? '', answer);
    return answer;
  };
  const prefix = `test:${randomUUID()}:`;
  const redis = new Redis(inject('redisUrl'));
  const state = createRedisState({ redis, prefix });
  onTestFinished(async () => {
    await state.close();
    redis.disconnect();
  });
  const vault = (): Vault => {
    const opened = createVault({
      state,
      grants,
      keys: ringOf('k1'),
      credentialKey: new Uint8Array(32).fill(7),
      now: clock,
      recoverMs: 20,
    });
    onTestFinished(() => opened.close());
    return opened;
  };
  const first = vault();
  await first.put(ALICE, oauthLink(ENG));
  await first.close();
  clock.pass(LIFE_MS);

  async function killAt(moment: Moment): Promise<void> {
    const asked = { answer: async (body: string) => JSON.stringify(await grants.refresh(grantWith(body))) };
    const server = await listen((body) => asked.answer(body));
    const port = portOf(server);
    const args = [inject('redisUrl'), prefix, `http://127.0.0.1:${port}`, String(clock()), moment];
    const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (moment === 'asking') {
      asked.answer = async (body) => {
        await grants.refresh(grantWith(body));
        child.kill('SIGKILL');
        return '';
      };
    }
    const ended = once(child, 'exit');
    child.stdout.once('data', () => child.kill('SIGKILL'));
    expect((await ended)[1]).toBe('SIGKILL');
    // Its lock ends by time; nobody shall wait for that here.
    await redis.del(`${prefix}lock:vault:${ALICE}:${ENG}`);
  }
  return { vault, clock, presented: grants.presented, killAt };
}

describe('kill -9 during a renewal', () => {
  it.each([
    ['before the answer comes', 'asking', 2],
    ['between the answer and its storing', 'storing', 2],
    ['right after storing', 'stored', 2],
  ] as const)('loses no grant %s: the next replica asks again at once', async (_when, moment, requests) => {
    const { vault, clock, presented, killAt } = await openScene({ grace: true });
    await killAt(moment);
    const next = vault();
    await soon(() => expect(presented).toHaveLength(requests));
    const link = await usable(next);
    expect(link.status).toBe('ok');
    clock.pass(LIFE_MS);
    await soon(() => link.fresh());
    expect(link.status).toBe('ok');
    expect(presented).toHaveLength(requests + 1);
  });

  it('ends the grant, and says so, where the server has no grace: nothing else could be done', async () => {
    const { vault, killAt } = await openScene({ grace: false });
    await killAt('storing');
    const next = vault();
    await soon(async () => expect((await onlyLink(next)).status).toBe('needs-reconnect'));
  });
});

/** The link, once its token is a living one. */
async function usable(vault: Vault): Promise<LinkedSite> {
  const link = await onlyLink(vault);
  await link.fresh();
  expect(link.fresh()).toBeUndefined();
  return link;
}

function grantWith(refreshToken: string): Parameters<ReturnType<typeof createServer>['refresh']>[0] {
  const { secret } = oauthLink(ENG);
  if (secret.kind !== 'oauth') throw new Error('no grant');
  return { ...secret.grant, refreshToken };
}

async function listen(answer: (body: string) => Promise<string>): Promise<Server> {
  const server = createHttpServer((req, res) => {
    void text(req)
      .then(answer)
      .then((body) => res.end(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
