import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, it, onTestFinished } from 'vitest';

import { startSwitchyard } from '../../cli/run-switchyard.ts';
import { configText, eventually } from '../estate.ts';
import { ONE_SITE } from '../interactive/router.ts';
import { call, textOf } from './large-client.ts';
import { beginAnswer, startLargeSite } from './large-site.ts';

const MB = 1024 * 1024;
const FILL = Buffer.alloc(16 * MB, 'x');
const READERS = 14;
/** Less than half of what waits; what was given back to the collector is in it. */
const BOUND = 96 * MB;

const LIMITS = 'limits: { readerTimeoutMs: 120000, drainTimeoutMs: 1000 }';

interface Child {
  readonly url: string;
  /** Bytes outside of the heap, where the bytes of answers are, and all that the process has in memory. */
  memory(): Promise<{ readonly buffers: number; readonly resident: number }>;
}

/** The real program in a process of its own, so that its memory is its own. */
async function startChild(upstreamUrl: string): Promise<Child> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-slow-readers-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'switchyard.yaml');
  writeFileSync(file, configText(upstreamUrl, ONE_SITE, LIMITS));
  const child = startSwitchyard(['serve', '-c', file, '--json']);
  onTestFinished(async () => void (await child.end('SIGTERM')));
  await child.said('stdout', '\n');
  const { mcpUrl, adminUrl } = JSON.parse(child.stdout()) as { mcpUrl: string; adminUrl: string };
  return {
    url: new URL(mcpUrl).origin,
    async memory() {
      const text = await (await fetch(`${new URL(adminUrl).origin}/metrics`)).text();
      const valueOf = (name: string): number =>
        Number(new RegExp(`^${name}\\S* (\\S+)$`, 'm').exec(text)?.[1]);
      return {
        buffers: valueOf('nodejs_external_memory_bytes'),
        resident: valueOf('process_resident_memory_bytes'),
      };
    },
  };
}

/** What it says, told by its hash: so much text is more than a test should hold. */
async function hashOf(response: AsyncIterable<unknown> | readonly Buffer[]): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of response) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const BEFORE = '{"jsonrpc":"2.0","id":ID,"result":{"text":"';
const AFTER = '"}}';

it(
  'a client that does not read a large answer costs little, whatever waits for it',
  { timeout: 180_000 },
  async () => {
    const state = { begun: 0, sent: 0 };
    const site = await startLargeSite('legacy', ({ res, id }) => {
      const before = BEFORE.replace('ID', id);
      beginAnswer(
        res,
        state.begun % 3 === 0 ? 'chunked' : 'length',
        before.length + FILL.length + AFTER.length,
      );
      res.write(before);
      res.write(FILL);
      res.end(AFTER);
      state.begun += 1;
      res.once('finish', () => void (state.sent += 1));
    });
    const child = await startChild(site.url);
    await textOf(child.url, { tool: 'small' });
    const before = await child.memory();
    expect(before.buffers).toBeGreaterThan(0);
    expect(before.resident).toBeGreaterThan(20 * MB);

    const readers: IncomingMessage[] = [];
    for (let reader = 0; reader < READERS; reader += 1)
      readers.push(await call(child.url, { server: reader % 2 === 0 ? 'lane' : 'node' }));
    await delay(1_000);
    const during = await child.memory();
    expect(state).toEqual({ begun: READERS, sent: 0 });
    expect(during.buffers - before.buffers).toBeLessThan(BOUND);
    expect(during.resident - before.resident).toBeLessThan(BOUND);

    // Others are served as ever.
    expect(await textOf(child.url, { tool: 'small' })).toContain('"small"');
    const [left, ...others] = readers;
    left?.destroy();
    const expected = await hashOf([Buffer.from(BEFORE.replace('ID', '1')), FILL, Buffer.from(AFTER)]);
    for (const reader of others) expect(await hashOf(reader)).toBe(expected);
    await eventually(async () => {
      const after = await child.memory();
      expect(after.buffers - before.buffers).toBeLessThan(BOUND);
    });
  },
);
