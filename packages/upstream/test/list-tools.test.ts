import { elements } from '@switchyard/json-text';
import { describe, expect, it } from 'vitest';

import {
  ALICE,
  failureOf,
  sendJson,
  sendResult,
  startEmulator,
  startRaw,
  startUpstream,
  targetOf,
} from './fixture.ts';

const never = new AbortController().signal;
const ODD =
  '{ "name":"odd", "x":9007199254740993, "y":1.0, "z":"\\u00e9\\/", "inputSchema":{"type":"object","properties":{"b":true}} }';

/** A server whose pages are these: the text of each result by the cursor that asks for it. */
function startPages(pages: Readonly<Record<string, string>>): ReturnType<typeof startRaw> {
  return startRaw((response, { message }) => {
    const cursor = (message.params as { cursor?: string } | undefined)?.cursor ?? 'first';
    sendJson(
      response,
      `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${pages[cursor] ?? '{}'}}`,
    );
  });
}

describe('a list that is none', () => {
  it.each([
    ['a result without tools', '{}'],
    ['tools that are no list', '{"tools":{}}'],
    ['a text that is no JSON', '{"tools":[{"name":"a\\q"}]}'],
    ['keys without quotes', '{"tools":[{name:1}]}'],
    ['a second page that is none', '{"tools":[],"nextCursor":"next"}'],
  ])('is called garbled: %s', async (_, first) => {
    const server = await startPages({ first });
    const { upstream } = startUpstream();

    const failure = await failureOf(upstream.listTools(targetOf(server.endpoint), never));
    expect(failure.code).toBe('garbled');
  });

  it('is called garbled when upstream refuses it', async () => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream } = startUpstream();
    emulator.control.addFault({
      match: { method: 'tools/list' },
      effect: { kind: 'rpc-error', code: -32603, message: 'secret of upstream' },
    });

    const failure = await failureOf(upstream.listTools(targetOf(endpoint), never));
    expect([failure.code, failure.message.includes('secret of upstream')]).toEqual(['garbled', false]);
  });

  it('means the wrong kind of credential when the method is not there', async () => {
    const { endpoint } = await startEmulator();
    const { upstream } = startUpstream();

    const failure = await failureOf(
      upstream.listTools(targetOf(endpoint, 'Bearer demo-org-admin-key'), never),
    );
    expect(failure.code).toBe('wrong_credential');
  });

  it('ends after 100 pages', async () => {
    const { endpoint, asked } = await startEmulator({ settings: { pageSize: 1 } });
    const { upstream } = startUpstream();

    const failure = await failureOf(upstream.listTools(targetOf(endpoint), never));
    expect([failure.code, asked('tools/list').length]).toEqual(['garbled', 100]);
  });

  it('ends when the caller gives up, and when its time is over', async () => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream } = startUpstream({ listTimeoutMs: 100 });
    emulator.control.addFault({ match: { method: 'tools/list' }, effect: { kind: 'hang' } });

    const given = await failureOf(upstream.listTools(targetOf(endpoint), AbortSignal.abort()));
    const late = await failureOf(upstream.listTools(targetOf(endpoint), never));
    expect([given.code, late.code]).toEqual(['cancelled', 'timeout']);
  });
});

describe('the list of tools', () => {
  it.each([
    [50, 'json', false],
    [50, 'sse', true],
    [7, 'json', true],
    [1_000, 'sse', false],
  ] as const)(
    'has all 190 tools, to the byte: %i a page, %s, id last %s',
    async (pageSize, framing, idLast) => {
      const whole = await startEmulator({ settings: { pageSize: 1_000 } });
      const paged = await startEmulator({ settings: { pageSize, framing, idLast } });
      const { upstream } = startUpstream();

      const list = await upstream.listTools(targetOf(paged.endpoint), never);
      expect(elements(list)).toHaveLength(190);
      expect(list).toBe(await plainList(whole.endpoint));
      expect(paged.asked('tools/list')).toHaveLength(Math.ceil(190 / pageSize));
    },
  );

  it('keeps definitions as odd as they are, on the first page and on the last', async () => {
    const last = ODD.replace('odd', 'last');
    const { endpoint } = await startEmulator({
      rawTools: [
        { generation: 'v2', definition: ODD, result: '{}' },
        { generation: 'v2', definition: last, result: '{}', atEnd: true },
      ],
    });
    const { upstream } = startUpstream();

    const list = elements(await upstream.listTools(targetOf(endpoint), never));
    expect([list?.at(0), list?.at(-1), list?.length]).toEqual([ODD, last, 192]);
  });

  it('ends where a cursor comes again', async () => {
    const server = await startPages({
      first: '{"tools":[{"name":"a"}],"nextCursor":"x"}',
      x: '{"tools":[{"name":"b"}],"nextCursor":"x"}',
    });
    const { upstream } = startUpstream();

    expect(await upstream.listTools(targetOf(server.endpoint), never)).toBe('[{"name":"a"},{"name":"b"}]');
    expect(server.count('tools/list')).toBe(2);
  });

  it('follows the empty cursor, ends at null, and hands cursors back as they came', async () => {
    const server = await startPages({
      first: '{"nextCursor":"","tools":[{"name":"a"}]}',
      '': '{"tools":[],"nextCursor":"\\u00e9\\""}',
      'é"': '{"tools":[{"name":"b"}],"nextCursor":null}',
    });
    const { upstream } = startUpstream();

    expect(await upstream.listTools(targetOf(server.endpoint), never)).toBe('[{"name":"a"},{"name":"b"}]');
  });

  it('may be empty', async () => {
    const server = await startRaw((response, received) => sendResult(response, received, { tools: [] }));
    const { upstream } = startUpstream();

    expect(await upstream.listTools(targetOf(server.endpoint), never)).toBe('[]');
  });

  it('is read again after a broken connection, from the page that broke', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();
    emulator.control.addFault({ match: { method: 'tools/list' }, effect: { kind: 'reset' }, times: 1 });

    expect(elements(await upstream.listTools(targetOf(endpoint), never))).toHaveLength(190);
    expect(asked('tools/list')).toHaveLength(5);
  });
});

/** The one page of an endpoint that has only one, read without any of the code under test. */
async function plainList(endpoint: string): Promise<string> {
  const headers = {
    authorization: ALICE,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  };
  const post = (body: string, more: Record<string, string> = {}): Promise<Response> =>
    fetch(endpoint, { method: 'POST', headers: { ...headers, ...more }, body });
  const opened = await post('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}');
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const text = await (await post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', session)).text();
  return text.slice('{"jsonrpc":"2.0","id":1,"result":{"tools":'.length, -'}}'.length);
}
