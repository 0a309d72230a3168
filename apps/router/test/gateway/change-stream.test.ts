import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { type ChangeHub, createChangeHub } from '../../src/gateway/change-hub.ts';
import { type ChangeStreams, createChangeStreams } from '../../src/http/change-stream.ts';
import { createNodeReply } from '../../src/http/reply.ts';

const KEY = 'alice eng';
/** More than the buffers of a connection take. */
const LARGE = 'x'.repeat(24 * 1024 * 1024);

interface Scene {
  readonly hub: ChangeHub;
  readonly streams: ChangeStreams;
  /** The response as the router sees it. */
  readonly sent: ServerResponse;
  /** The same as the client sees it; it is read by nobody yet. */
  readonly received: IncomingMessage;
}

async function scene(restsOn?: readonly string[]): Promise<Scene> {
  const hub = createChangeHub();
  const streams = createChangeStreams();
  const server = createServer((_, res) => {
    streams.open(createNodeReply(res), {
      listen: (listener) => hub.listen([KEY], listener),
      owner: 'alice',
      restsOn,
      first: 'first',
      last: 'last',
      write: ({ method }) => method,
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    streams.close();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const opened = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const asked = request({ host: '127.0.0.1', port, agent: false }).end();
  const [received] = (await once(asked, 'response')) as [IncomingMessage];
  return { hub, streams, sent: (await opened)[1], received };
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a stream whose reader does not read', () => {
  it('tells what changed meanwhile when it does, each thing once', async () => {
    const { hub, streams, sent, received } = await scene();
    hub.publish({ key: KEY, method: LARGE });
    await until(() => sent.writableNeedDrain);
    for (let time = 0; time < 3; time += 1) {
      hub.publish({ key: KEY, method: 'changed' });
      hub.publish({ key: KEY, method: 'other' });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(sent.writableNeedDrain).toBe(true);

    let text = '';
    received.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
    await until(() => text.includes('data: other'));
    streams.close();
    await once(received, 'end');

    const events = [...text.matchAll(/^data: (.{1,20})/gm)].map(([, data]) => data);
    expect(events).toEqual(['first', 'x'.repeat(20), 'changed', 'other', 'last']);
  });

  it('holds a bounded number of things for it', async () => {
    const { hub, sent, received } = await scene();
    hub.publish({ key: KEY, method: LARGE });
    await until(() => sent.writableNeedDrain);
    for (let count = 0; count < 1_000; count += 1) hub.publish({ key: KEY, method: `changed ${count}.` });

    let text = '';
    received.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
    await until(() => text.includes('changed 99.'));

    expect(text).not.toContain('changed 100.');
  });

  it('is forgotten when its client leaves', async () => {
    const { hub, streams, received } = await scene();
    expect(streams.count()).toBe(1);

    received.destroy();

    await until(() => streams.count() === 0);
    expect(() => hub.publish({ key: KEY, method: 'changed' })).not.toThrow();
  });
});

describe('a stream of a caller whose right to be here ends', () => {
  it.each<[string, string[] | undefined, string | undefined, boolean]>([
    ['ends with what that right rests on', ['person:a', 'client:c'], 'client:c', true],
    ['ends when anything may have changed', ['person:a'], undefined, true],
    ['stays when others lose theirs', ['person:a'], 'person:b', false],
    ['stays where nothing can be withdrawn', undefined, undefined, false],
  ])('%s', async (_title, restsOn, subject, ends) => {
    const { hub, streams, received } = await scene(restsOn);
    let text = '';
    received.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));

    streams.endResting(subject);

    if (ends) {
      await once(received, 'end');
      expect(text).toMatch(/data: notifications\/tools\/list_changed\n\nevent: message\ndata: last\n\n$/);
      await until(() => streams.count() === 0);
    } else {
      hub.publish({ key: KEY, method: 'changed' });
      await until(() => text.includes('data: changed'));
      expect(streams.count()).toBe(1);
    }
  });
});
