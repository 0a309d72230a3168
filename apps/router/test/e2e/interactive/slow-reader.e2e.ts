import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { startSwitchyard } from '../../cli/run-switchyard.ts';
import { configText, CREDENTIALS, eventually } from '../estate.ts';
import { answerOf, AT_ENG, ONE_SITE, post } from './router.ts';
import { startSessionSite, textResult } from './session-site.ts';

const MB = 1024 * 1024;
const LARGE = 48 * MB;
const READERS = 10;
/** A few copies of one answer, but not one for each that there ever was. */
const BOUND = 6 * LARGE;

interface Child {
  readonly url: string;
  /** Bytes that the process has in memory. */
  memory(): Promise<number>;
}

/** The real program in a process of its own, so that its memory is its own. */
async function startChild(upstreamUrl: string): Promise<Child> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-slow-reader-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'switchyard.yaml');
  writeFileSync(file, configText(upstreamUrl, ONE_SITE));
  const child = startSwitchyard(['serve', '-c', file, '--json']);
  onTestFinished(async () => void (await child.end('SIGTERM')));
  await child.said('stdout', '\n');
  const { mcpUrl, adminUrl } = JSON.parse(child.stdout()) as { mcpUrl: string; adminUrl: string };
  return {
    url: new URL(mcpUrl).origin,
    async memory() {
      const text = await (await fetch(`${new URL(adminUrl).origin}/metrics`)).text();
      return Number(/^process_resident_memory_bytes\S* (\S+)$/m.exec(text)?.[1]);
    },
  };
}

const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'large', arguments: {} } };

/** Calls, and reads nothing of the answer but its head. */
async function readHead(url: string): Promise<IncomingMessage> {
  const sent = request(url + AT_ENG, {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: CREDENTIALS.alice,
    },
  }).end(JSON.stringify(CALL));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

async function readRest(response: IncomingMessage): Promise<number> {
  let size = 0;
  for await (const chunk of response) size += (chunk as Buffer).length;
  return size;
}

describe('a reader that does not read a large answer', { timeout: 120_000 }, () => {
  it('holds that answer alone; what was left or read is given back', async () => {
    const result = textResult('x'.repeat(LARGE));
    const site = await startSessionSite({ tools: { large: () => result } });
    const child = await startChild(site.url);
    await answerOf(post(child, { id: 1, method: 'tools/list' }));
    const before = await child.memory();
    expect(before).toBeGreaterThan(20 * MB);

    for (let reader = 0; reader < READERS; reader += 1) {
      const response = await readHead(child.url);
      expect(response.statusCode).toBe(200);
      expect((await child.memory()) - before).toBeLessThan(BOUND);
      if (reader % 2 === 0) response.destroy();
      else expect(await readRest(response)).toBe(Number(response.headers['content-length']));
    }

    await eventually(async () => expect((await child.memory()) - before).toBeLessThan(BOUND));
    const text = await answerOf(post(child, { id: 2, method: 'ping' }));
    expect(text).toMatchObject({ id: 2, result: {} });
  });
});
