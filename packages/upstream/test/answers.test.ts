import { splitAtId } from '@switchyard/wire';
import { describe, expect, it, vi } from 'vitest';

import type { UpstreamAnswer } from '../src/index.ts';
import {
  ALICE,
  callOf,
  credentialId,
  failureOf,
  type Received,
  sendJson,
  sendResult,
  startEmulator,
  startRaw,
  startUpstream,
  targetOf,
} from './fixture.ts';

const RESULT =
  '{"content":[{"type":"text","text":"\\u00e9\\/ \\"id\\":1"}],"big":9007199254740993,"one":1.0,"a": [ ]}';
const rawTools = [
  { generation: 'v2', definition: '{"name":"odd","inputSchema":{"type":"object"}}', result: RESULT },
] as const;

/** The answer under the id 42. */
function textOf({ body, idText }: UpstreamAnswer): string {
  const parts = splitAtId(body, idText);
  return parts ? `${parts.before.toString()}42${parts.after.toString()}` : 'without its id';
}

/** Streams these messages as events and ends. */
function stream(messages: readonly string[]): Parameters<typeof startRaw>[0] {
  return (response, { message }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const each of messages)
      response.write(`data: ${each.replace('ID', JSON.stringify(message.id))}\n\n`);
    response.end();
  };
}

/** Answers with this body, whatever was asked. */
function raw(body: string): Parameters<typeof startRaw>[0] {
  return (response) => sendJson(response, body);
}

describe('an answer that is none', () => {
  it.each<[string, Parameters<typeof startRaw>[0]]>([
    ['a page', raw('<!doctype html>')],
    ['nothing', raw('')],
    ['an empty object', raw('{}')],
    ['null', raw('null')],
    ['another id', raw('{"jsonrpc":"2.0","id":"sy-999","result":{}}')],
    ['a result without an id', raw('{"jsonrpc":"2.0","id":null,"result":{}}')],
    [
      'half an answer',
      (response, { message }) => sendJson(response, `{"id":${JSON.stringify(message.id)},"result":{`),
    ],
    [
      'a batch',
      (response, { message }) => sendJson(response, [{ jsonrpc: '2.0', id: message.id, result: {} }]),
    ],
    ['a nod', (response) => void response.writeHead(202).end()],
    ['a redirect', (response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()],
    ['a stream of nothing', stream([])],
    [
      'a stream without it',
      stream(['{"jsonrpc":"2.0","method":"notifications/message","params":{"id":ID}}']),
    ],
  ])('is called garbled: %s', async (_, answer) => {
    const server = await startRaw(answer);
    const { upstream } = startUpstream();

    const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf({ idempotent: false })));
    expect(failure).toMatchObject({ code: 'garbled', mayHaveExecuted: true });
    expect(server.count('tools/call')).toBe(1);
  });

  it.each<[string, Parameters<typeof startRaw>[0]]>([
    ['at once', (response, received) => sendResult(response, received, { text: 'x'.repeat(3_000) })],
    ['as event', stream([`{"jsonrpc":"2.0","id":ID,"result":{"text":"${'x'.repeat(3_000)}"}}`])],
    [
      'by what comes before it',
      stream([
        ...Array.from(
          { length: 30 },
          () => '{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"…"}}',
        ),
        '{"jsonrpc":"2.0","id":ID,"result":{"text":"xxx"}}',
      ]),
    ],
  ])('is one that is too large: %s', async (_, answer) => {
    const server = await startRaw(answer);
    const small = startUpstream({ maxAnswerBytes: 2_000 }).upstream;
    const large = startUpstream({ maxAnswerBytes: 4_000 }).upstream;

    expect(await failureOf(small.send(targetOf(server.endpoint), callOf()))).toMatchObject({
      code: 'garbled',
      message: expect.stringContaining('more than 2000 bytes') as string,
    });
    expect(textOf(await large.send(targetOf(server.endpoint), callOf()))).toContain('xxx');
  });
});

describe('an answer', () => {
  it.each([
    ['json', false],
    ['json', true],
    ['sse', false],
    ['sse', true],
  ] as const)('keeps every byte of its result: framing %s, id last %s (I7)', async (framing, idLast) => {
    const { endpoint } = await startEmulator({ rawTools, settings: { framing, idLast } });
    const { upstream } = startUpstream();

    const text = textOf(await upstream.send(targetOf(endpoint), callOf({ tool: 'odd' })));
    expect(text).toBe(
      idLast
        ? `{"result":${RESULT},"jsonrpc":"2.0","id":42}`
        : `{"jsonrpc":"2.0","id":42,"result":${RESULT}}`,
    );
  });

  it('may be an error, which is passed on and counts as none of ours', async () => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream, events } = startUpstream();
    emulator.control.addFault({
      match: { method: 'tools/call' },
      effect: { kind: 'rpc-error', code: -32602, message: 'no' },
    });

    const text = textOf(await upstream.send(targetOf(endpoint), callOf()));
    expect(JSON.parse(text)).toMatchObject({ id: 42, error: { code: -32602, message: 'no' } });
    expect(events.at(-1)).toMatchObject({ type: 'operation', method: 'tools/call', errorType: undefined });
  });

  it.each([
    ['{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no"}}', 400],
    ['{"jsonrpc":"2.0","error":{"code":-32000,"message":"no"}}', 200],
  ])('may be an error that upstream could not give an id: %s', async (body, status) => {
    const server = await startRaw(
      (response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(body),
    );
    const { upstream } = startUpstream();

    const text = textOf(await upstream.send(targetOf(server.endpoint), callOf()));
    expect(JSON.parse(text)).toEqual({ jsonrpc: '2.0', id: 42, error: { code: -32000, message: 'no' } });
  });

  it('may come after notifications, which are handed on in their order', async () => {
    const notes = [1, 2].map(
      (n) => `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":${n}}}`,
    );
    const server = await startRaw(
      stream([...notes, '{"jsonrpc":"2.0","id":ID,"result":{}}', '{"late":true}']),
    );
    const { upstream } = startUpstream();
    const seen: string[] = [];

    const request = callOf({ onMessage: (message) => seen.push(message.toString()) });
    const text = textOf(await upstream.send(targetOf(server.endpoint), request));
    expect(text).toBe('{"jsonrpc":"2.0","id":42,"result":{}}');
    expect(seen).toEqual(notes);
  });

  it('does not wait for the end of its stream', async () => {
    const server = await startRaw((response, { message }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: {"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":{}}\n\n`);
    });
    const { upstream } = startUpstream();

    expect(textOf(await upstream.send(targetOf(server.endpoint), callOf()))).toContain('"result":{}');
  });

  it('is asked for with the session, the version and the credential, and with the params as they were', async () => {
    const seen: Received[] = [];
    const server = await startRaw((response, received) => {
      seen.push(received);
      sendResult(response, received, {});
    });
    const { upstream } = startUpstream();
    await upstream.send(targetOf(server.endpoint), callOf());

    expect(seen[0]?.headers).toMatchObject({
      authorization: ALICE,
      'mcp-session-id': 's-1',
      'mcp-protocol-version': '2025-06-18',
      accept: 'application/json, text/event-stream',
    });
    expect(seen[0]?.message).toMatchObject({
      jsonrpc: '2.0',
      params: { name: 'atlassianUserInfo', arguments: {} },
    });
  });
});

describe('what is reported', () => {
  it('is one operation for each request, and one for the opening of its session', async () => {
    const { endpoint } = await startEmulator();
    let time = 1_000;
    const { upstream, events } = startUpstream({ now: () => (time += 5) });
    await upstream.send(targetOf(endpoint), callOf());

    expect(events.filter(({ type }) => type === 'operation')).toEqual([
      { type: 'operation', method: 'initialize', site: 'eng', errorType: undefined, durationMs: 5 },
      { type: 'operation', method: 'tools/call', site: 'eng', errorType: undefined, durationMs: 15 },
    ]);
  });

  it('is a changed list, by endpoint and credential', async () => {
    const { emulator, endpoint, asked } = await startEmulator({ settings: { getStream: true } });
    const { upstream, events } = startUpstream();
    await upstream.send(targetOf(endpoint), callOf());
    await vi.waitFor(() => expect(asked('GET')).toHaveLength(1));

    await vi.waitFor(() => {
      emulator.control.changeTools({ generation: 'v2', remove: ['getJiraIssue'], notify: true });
      expect(events.find(({ type }) => type === 'notification')).toMatchObject({
        endpoint,
        credentialId: credentialId(ALICE),
        method: 'notifications/tools/list_changed',
      });
    });
  });
});
