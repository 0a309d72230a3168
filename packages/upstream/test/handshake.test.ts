import { createServer as createTcpServer, type AddressInfo } from 'node:net';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import {
  ALICE,
  callOf,
  failureOf,
  initializeAnswer,
  type RawServer,
  type Received,
  sendJson,
  sendResult,
  startRaw,
  startUpstream,
  targetOf,
} from './fixture.ts';

type Answer = Parameters<typeof startRaw>[0];

const INITIALIZED = 'notifications/initialized';

/** A server that treats `notifications/initialized` in its own way. */
function startConfirming(onInitialized: (...answer: Parameters<Answer>) => void): Promise<RawServer> {
  return startRaw(sendResult, initializeAnswer, { accept: onInitialized });
}

function methodsOf({ received }: RawServer): string[] {
  return received.filter(({ method }) => method === 'POST').map(({ message }) => message.method ?? '');
}

/** A server that answers `initialize` with these bytes, which no well-behaved library would send. */
async function startBytes(head: (id: string) => string): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const id = /"id":("[^"]*")/.exec(bytes.toString())?.[1] ?? 'null';
      const result =
        '{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"x","version":"1"}}';
      const body = `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head(id)}content-length: ${body.length}\r\n\r\n${body}`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

describe('an answer to initialize that is none', () => {
  it.each<[string, unknown]>([
    ['nothing in it', {}],
    ['no name of the server', { protocolVersion: '2025-06-18', capabilities: {} }],
    ['no capabilities', { protocolVersion: '2025-06-18', serverInfo: { name: 'x', version: '1' } }],
    [
      'a version that nobody here knows',
      { protocolVersion: '1999-01-01', capabilities: {}, serverInfo: { name: 'x', version: '1' } },
    ],
    [
      'a name that is none',
      { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 7, version: '1' } },
    ],
    [
      'a list for capabilities',
      { protocolVersion: '2025-06-18', capabilities: [], serverInfo: { name: 'x', version: '1' } },
    ],
    ['a list', []],
    ['null', null],
  ])('is called garbled: %s', async (_, result) => {
    const server = await startRaw(sendResult, (response, received) => sendResult(response, received, result));
    const { upstream } = startUpstream();

    const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf()));
    expect([failure.code, failure.mayHaveExecuted]).toEqual(['garbled', false]);
    expect(server.count('tools/call')).toBe(0);
  });

  it.each(['a b', 'a\nx-other: 1', 'a\u0000', 'é', 'a\tb'])(
    'is called garbled when its session id is %j: it would be written into our own headers',
    async (id) => {
      const endpoint = await startBytes(() => `mcp-session-id: ${id}\r\n`);
      const { upstream } = startUpstream();

      expect((await failureOf(upstream.send(targetOf(endpoint), callOf()))).code).toBe('garbled');
    },
  );
});

describe('a site that does not accept that we are ready', () => {
  it.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'no_endpoint'],
    [429, 'rate_limited'],
    [400, 'garbled'],
    [302, 'garbled'],
  ])('with %i is asked for nothing: %s', async (status, code) => {
    const server = await startConfirming((response) => void response.writeHead(status).end('no'));
    const { upstream } = startUpstream();

    const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf()));
    expect([failure.code, failure.mayHaveExecuted]).toEqual([code, false]);
    expect(server.count('tools/call')).toBe(0);
  });

  it('or says nothing at all is too late', async () => {
    const server = await startConfirming(() => {});
    const { upstream } = startUpstream({ initializeTimeoutMs: 100 });

    const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf()));
    expect([failure.code, failure.mayHaveExecuted]).toEqual(['timeout', false]);
  });
});

describe('a session is opened', () => {
  it('in order: nothing is asked before the site has accepted that we are ready', async () => {
    const ready: (() => void)[] = [];
    const server = await startConfirming((response) => ready.push(() => void response.writeHead(202).end()));
    const { upstream } = startUpstream();
    const call = upstream.send(targetOf(server.endpoint), callOf());
    await vi.waitFor(() => expect(ready).toHaveLength(1));

    expect(methodsOf(server)).toEqual(['initialize', INITIALIZED]);
    ready.forEach((accept) => accept());
    await call;
    expect(methodsOf(server)).toEqual(['initialize', INITIALIZED, 'tools/call']);
  });

  it('with what was agreed in the headers of all that follows', async () => {
    const server = await startRaw(sendResult);
    const { upstream } = startUpstream();
    await upstream.send(targetOf(server.endpoint), callOf());

    const [first, ...others] = server.received.filter(({ method }) => method === 'POST');
    expect(first?.headers).not.toHaveProperty('mcp-session-id');
    for (const { headers } of others) {
      expect(headers).toMatchObject({
        authorization: ALICE,
        'mcp-session-id': 's-1',
        'mcp-protocol-version': '2025-06-18',
      });
    }
  });

  it.each<[string, Answer]>([
    [
      'an event stream that goes on',
      (response, { message }) => {
        const result = {
          protocolVersion: '2025-06-18',
          capabilities: {},
          serverInfo: { name: 'x', version: '1' },
        };
        response.writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': 's-1' });
        response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result })}\n\n`);
      },
    ],
    [
      'no session',
      (response, { message }) => {
        const result = {
          protocolVersion: '2025-06-18',
          capabilities: {},
          serverInfo: { name: 'x', version: '1' },
        };
        sendJson(response, { jsonrpc: '2.0', id: message.id, result });
      },
    ],
  ])('by %s', async (_, initialize) => {
    const server = await startRaw(sendResult, initialize);
    const { upstream } = startUpstream();
    await upstream.send(targetOf(server.endpoint), callOf());

    expect(methodsOf(server)).toEqual(['initialize', INITIALIZED, 'tools/call']);
  });

  it('also when the acceptance has a body that never ends', async () => {
    const server = await startConfirming((response) => void response.writeHead(202).write('still '));
    const { upstream } = startUpstream();

    await upstream.send(targetOf(server.endpoint), callOf());
    expect(server.count('tools/call')).toBe(1);
  });
});

describe('the stream of a session', () => {
  const PING = { jsonrpc: '2.0', id: 7, method: 'ping' };
  const OTHER = { jsonrpc: '2.0', id: 8, method: 'roots/list' };
  const NEWS = [
    { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
    { jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
  ];

  it('brings news, and no news of requests', async () => {
    const server = await startRaw(sendResult, initializeAnswer, { news: NEWS });
    const { upstream, events } = startUpstream();
    await upstream.send(targetOf(server.endpoint), callOf());

    await vi.waitFor(() => expect(events.some(({ type }) => type === 'notification')).toBe(true));
    const told = events.flatMap((event) => (event.type === 'notification' ? [event.method] : []));
    expect(told).toEqual(['notifications/tools/list_changed']);
  });

  it('answers a site that asks whether we are there, and refuses what belongs to no call', async () => {
    const server = await startRaw(sendResult, initializeAnswer, { news: [PING, OTHER] });
    const { upstream } = startUpstream();
    await upstream.send(targetOf(server.endpoint), callOf());

    const answers = (): Received['message'][] =>
      server.received.map(({ message }) => message).filter(({ id }) => id === 7 || id === 8);
    await vi.waitFor(() => expect(answers()).toHaveLength(2));
    expect(answers()).toEqual([
      { jsonrpc: '2.0', id: 7, result: {} },
      { jsonrpc: '2.0', id: 8, error: { code: -32_601, message: expect.any(String) as string } },
    ]);
  });

  it('is not asked for where the acceptance was not the one that the protocol wants', async () => {
    const server = await startConfirming((response) => sendJson(response, {}));
    const { upstream } = startUpstream();
    await upstream.send(targetOf(server.endpoint), callOf());
    await upstream.close();

    expect(server.received.filter(({ method }) => method === 'GET')).toEqual([]);
  });
});
