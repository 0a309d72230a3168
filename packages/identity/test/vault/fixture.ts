// What the tests of the vault stand on: a clock that stands still, and an authorization server that does as told.
import { Secret } from '@switchyard/catalogue';
import { onTestFinished, vi } from 'vitest';

import type { Grant, Grants, GrantTokens } from '../../src/atlassian/grant.ts';
import { createKeyRing, createVault, type DurableState, type KeyRing, type Vault } from '../../src/index.ts';
import type { LinkSummary, VaultEvent } from '../../src/index.ts';
import type { NewLink, VaultOptions } from '../../src/vault/vault.ts';
import { openMemoryStates, openRedisStates, type OpenStates } from '../state/open-states.ts';

export const ALICE = 'person-alice';
export const BOB = 'person-bob';
export const ENG = '11111111-aaaa-4aaa-8aaa-000000000001';
export const OPS = '11111111-aaaa-4aaa-8aaa-000000000002';
export const LIFE_MS = 3_300_000;
export const START = 1_800_000_000_000;

export const STATES: readonly (readonly [string, () => OpenStates])[] = [
  ['memory', openMemoryStates],
  ['Redis', openRedisStates],
];

export interface Clock {
  (): number;
  pass(ms: number): void;
}

export function createClock(): Clock {
  let time = START;
  return Object.assign(() => time, {
    pass: (ms: number) => {
      time += ms;
    },
  });
}

export function ringOf(...ids: readonly string[]): KeyRing {
  return createKeyRing(ids.map((id) => ({ id, secret: new Secret(`${id} is a key of at least 32 bytes`) })));
}

function grantOf(name: string, now: number): Grant {
  return {
    issuer: 'https://auth.example/path',
    client: { clientId: 'client', secret: `client-secret-of-${name}`, authentication: 'client_secret_post' },
    resource: 'https://mcp.example/v2/mcp',
    accessToken: `${name}-access-1`,
    refreshToken: `${name}-refresh-1`,
    scopes: ['read:jira:agent-interface'],
    issuedAt: now,
    expiresAt: now + LIFE_MS,
  };
}

export function oauthLink(cloudId: string, now: number = START, name = cloudId.slice(-1)): NewLink {
  const account = { accountId: `account-${name}`, email: 'alice@acme.example', displayName: 'Alice' };
  return {
    cloudId,
    account,
    scopes: ['read:jira:agent-interface'],
    secret: { kind: 'oauth', grant: grantOf(name, now) },
  };
}

export function tokenLink(cloudId: string, expiresAt?: number): NewLink {
  const authorization = `Basic ${Buffer.from('alice@acme.example:token').toString('base64')}`;
  return {
    cloudId,
    account: { email: 'alice@acme.example' },
    secret: { kind: 'token', authorization, ...(expiresAt !== undefined && { expiresAt }) },
  };
}

/** Rotates: a refresh token is good once, and its second use ends the grant, as at Atlassian. */
export interface FakeServer extends Grants {
  /** Every refresh token that was presented. */
  readonly presented: string[];
  readonly revoked: string[];
  /** What happens to a request before it is answered. */
  before: (refreshToken: string) => Promise<void>;
  ended: boolean;
}

export function createServer(now: () => number): FakeServer {
  const used = new Set<string>();
  const server: FakeServer = {
    presented: [],
    revoked: [],
    before: async () => {},
    ended: false,
    async refresh({ refreshToken = '', scopes }): Promise<GrantTokens | 'ended'> {
      server.presented.push(refreshToken);
      await server.before(refreshToken);
      if (server.ended || used.has(refreshToken)) return 'ended';
      used.add(refreshToken);
      const issuedAt = now();
      const next = (kind: string): string => nextName(refreshToken.replace('refresh', kind));
      return {
        accessToken: next('access'),
        refreshToken: next('refresh'),
        scopes,
        issuedAt,
        expiresAt: issuedAt + LIFE_MS,
      };
    },
    async revoke({ refreshToken = '' }) {
      server.revoked.push(refreshToken);
    },
  };
  return server;
}

function nextName(token: string): string {
  return token.replace(/\d+$/, (number) => String(Number(number) + 1));
}

export interface Bench {
  readonly clock: Clock;
  readonly server: FakeServer;
  readonly events: VaultEvent[];
  readonly one: Vault;
  readonly other: Vault;
  readonly states: OpenStates;
  /** One more replica. */
  open(options?: Partial<VaultOptions>): Vault;
}

/** Two replicas over one state and one authorization server. */
export function createBench(openStates: () => OpenStates = openMemoryStates): Bench {
  const states = openStates();
  const clock = createClock();
  const server = createServer(clock);
  const events: VaultEvent[] = [];
  const open = (options: Partial<VaultOptions> & { state: DurableState }): Vault => {
    const vault = createVault({
      keys: ringOf('k1'),
      grants: server,
      credentialKey: new Uint8Array(32).fill(7),
      now: clock,
      recoverMs: 3_600_000,
      onEvent: (event) => void events.push(event),
      ...options,
    });
    onTestFinished(() => vault.close());
    return vault;
  };
  return {
    clock,
    server,
    events,
    states,
    one: open({ state: states.one }),
    other: open({ state: states.other }),
    open: (options = {}) => open({ state: states.one, ...options }),
  };
}

/** The person's only link. */
export async function onlyLink(vault: Vault, person: string = ALICE): ReturnType<typeof firstOf> {
  return firstOf(vault, person);
}

async function firstOf(vault: Vault, person: string) {
  const [link, ...rest] = await vault.linksOf(person);
  if (!link || rest.length > 0) throw new Error(`${rest.length + 1} links`);
  return link;
}

export async function everyLink(vault: Vault): Promise<LinkSummary[]> {
  const all: LinkSummary[] = [];
  for await (const link of vault.everyLink()) all.push(link);
  return all;
}

/** A thing that other replicas learn by news: within a second. */
export function soon(check: () => Promise<void> | void): Promise<void> {
  return vi.waitFor(check, { timeout: 1_000, interval: 5 });
}
