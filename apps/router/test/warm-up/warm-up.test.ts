import { setTimeout as delay } from 'node:timers/promises';

import type { LogFields, Logger } from '@switchyard/telemetry';
import { expect, it } from 'vitest';

import { type PlayedSites, playSites } from '../../src/warm-up/played-sites.ts';
import { collectGarbage, warmUp } from '../../src/warm-up/warm-up.ts';

type Line = readonly [level: string, fields: LogFields, message: string];

function listen(): { readonly lines: Line[]; readonly log: Logger } {
  const lines: Line[] = [];
  const at = (level: string) => (fields: LogFields, message: string) =>
    void lines.push([level, fields, message]);
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

/** Sockets, servers and timers that keep a process alive. */
function open(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind));
}

it('a warm-up lists and calls the sites it plays, and leaves nothing open', async () => {
  const { lines, log } = listen();
  const before = open().length;
  const endpoints: string[] = [];
  await warmUp(log, async (count) => {
    const sites = await playSites(count);
    endpoints.push(sites.endpoint(0));
    return sites;
  });

  expect(lines).toEqual([['debug', { ms: expect.any(Number) as number }, 'warmed up']]);
  await expect(fetch(endpoints[0] ?? '', { method: 'POST' })).rejects.toThrow();
  for (let tries = 0; open().length > before && tries < 50; tries += 1) await delay(20);
  expect(open().length).toBeLessThanOrEqual(before);
});

it.each<[string, () => Promise<PlayedSites>]>([
  ['has no loopback', () => Promise.reject(new Error('EADDRNOTAVAIL'))],
  [
    'does not reach its loopback',
    async () => ({ ...(await playSites(0)), endpoint: () => 'http://127.0.0.1:9/mcp' }),
  ],
])('a process that %s says so and starts cold', async (_, play) => {
  const { lines, log } = listen();
  await warmUp(log, play);
  expect(lines).toEqual([
    ['warn', { error: expect.any(Error) as Error }, 'not warmed up, the first requests will be slower'],
  ]);
});

it('garbage can be collected in a process that was started without the flag for it', async () => {
  const held: { value?: WeakRef<object> } = {};
  (() => void (held.value = new WeakRef({ text: 'x'.repeat(1_000) })))();
  // A reference that was made in this turn lives as long as the turn.
  await delay(1);
  collectGarbage();
  expect(held.value?.deref()).toBeUndefined();
});
