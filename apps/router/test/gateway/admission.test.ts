import type { Caller } from '@switchyard/catalogue';
import { createMemoryState, type Identified } from '@switchyard/identity';
import { createTelemetry } from '@switchyard/telemetry';
import { describe, expect, it, onTestFinished } from 'vitest';

import { parseConfig } from '../../src/config/load-config.ts';
import { createAdmission } from '../../src/gateway/admission.ts';
import { createKillSwitches, type KillSwitches } from '../../src/gateway/kill-switches.ts';
import { createRateLimiter } from '../../src/gateway/rate-limiter.ts';

const SITE = '{ cloudId: 11111111-aaaa-4aaa-8aaa-000000000001, url: https://a.example }';
const { log } = createTelemetry({ sites: [], version: '0', destination: { write: () => {} } });

async function switches(state = createMemoryState()): Promise<KillSwitches> {
  const opened = await createKillSwitches(state, log);
  onTestFinished(() => opened.close());
  return opened;
}

function callerOf(method: Caller['method'], clientId?: string): Identified {
  const caller: Caller = {
    id: `${method}-ann`,
    method,
    groups: [],
    cloudIds: new Set(),
    ...(clientId !== undefined && { clientId }),
  };
  return { ok: true, caller, links: new Map() } as unknown as Identified;
}

function personOf(id: string): Identified {
  const known = callerOf('oauth', 'claude');
  return { ...known, caller: { ...known.caller, id } };
}

function configOf(more: string): ReturnType<typeof parseConfig> {
  return parseConfig(`version: 1\nsites: [${SITE}]\n${more}`, { path: 'switchyard.yaml', env: {} });
}

describe('a kill switch', () => {
  it('stops everybody, or one client, and lets them in again', async () => {
    const pulled = await switches();
    const admit = createAdmission(configOf(''), pulled);
    expect(admit(callerOf('oauth', 'claude'), '10.0.0.1')).toBeUndefined();

    await pulled.set({ kind: 'client', id: 'claude' }, true);
    expect(admit(callerOf('oauth', 'claude'), '10.0.0.1')).toBe('switched_off');
    expect(admit(callerOf('oauth', 'chatgpt'), '10.0.0.1')).toBeUndefined();
    await pulled.set({ kind: 'all', id: '' }, true);
    expect(admit(callerOf('basic'), '10.0.0.1')).toBe('switched_off');

    await pulled.set({ kind: 'all', id: '' }, false);
    await pulled.set({ kind: 'client', id: 'claude' }, false);
    expect(admit(callerOf('oauth', 'claude'), '10.0.0.1')).toBeUndefined();
  });

  it('holds on every replica and outlives a restart', async () => {
    const state = createMemoryState();
    const [one, other] = [await switches(state), await switches(state)];
    await one.set({ kind: 'site', id: 'eng' }, true);

    expect(other.isOff('site', 'eng')).toBe(true);
    expect((await switches(state)).list()).toEqual([{ kind: 'site', id: 'eng' }]);
  });

  it('stays as it was while the store does not answer', async () => {
    const state = createMemoryState();
    const pulled = await switches(state);
    await pulled.set({ kind: 'all', id: '' }, true);
    await state.close();

    await expect(pulled.set({ kind: 'all', id: '' }, false)).rejects.toMatchObject({
      code: 'state_unavailable',
    });
    expect(pulled.isOff('all', '')).toBe(true);
  });
});

describe('addresses by kind of sign-in', () => {
  const config = configOf('auth: { addresses: { headless: [10.0.0.0/8], hosted: [160.79.104.0/21] } }\n');

  it.each([
    ['basic', '10.1.2.3', undefined],
    ['bearer', '160.79.104.1', 'address'],
    ['token', '192.0.2.1', 'address'],
    ['oauth', '160.79.104.1', undefined],
    ['oauth', '10.1.2.3', 'address'],
    ['oauth', 'unknown', 'address'],
  ] as const)('%s from %s: %s', async (method, address, verdict) => {
    expect(createAdmission(config, await switches())(callerOf(method, 'c'), address)).toBe(verdict);
  });
});

describe('a rate limit', () => {
  it('lets a burst of one minute through, then one at a time', () => {
    const clock = { now: 0 };
    const mayPass = createRateLimiter(60, () => clock.now);
    const passed = Array.from({ length: 100 }, () => mayPass('ann')).filter(Boolean);

    expect(passed).toHaveLength(60);
    clock.now += 1_000;
    expect([mayPass('ann'), mayPass('ann')]).toEqual([true, false]);
    expect(mayPass('bob')).toBe(true);
  });

  it('counts callers apart, and a client over all of its people', async () => {
    const admit = createAdmission(
      configOf('limits: { callerPerMinute: 2, clientPerMinute: 3 }\n'),
      await switches(),
    );

    expect(['ann', 'ann', 'ann'].map((id) => admit(personOf(id), ''))).toEqual([
      undefined,
      undefined,
      'rate_limited',
    ]);
    expect(['bob', 'bob'].map((id) => admit(personOf(id), ''))).toEqual([undefined, 'rate_limited']);
  });
});
