import { EventEmitter, once } from 'node:events';

import { ENVELOPE } from '@switchyard/wire';
import { describe, expect, it } from 'vitest';

import type { UpstreamRequest } from '../src/index.ts';
import { callOf, failureOf, startUpstream, targetOf } from './fixture.ts';
import {
  callInEither,
  LEGACY_ANSWERS,
  type ModernRequest,
  refuseUnknown,
  sendError,
  startModernSite,
} from './modern-fixture.ts';

/** What arrives at a modern site for a request. */
async function arriving(
  request: Partial<UpstreamRequest>,
  capabilities?: Record<string, unknown>,
): Promise<ModernRequest> {
  const site = await startModernSite();
  const { upstream } = startUpstream();
  const target = {
    ...targetOf(site.endpoint),
    era: 'modern' as const,
    ...(capabilities && { capabilities }),
  };
  await upstream.send(target, { ...callOf(), ...request });
  const arrived = site.requests.at(-1);
  if (!arrived) throw new Error('nothing arrived');
  return arrived;
}

describe('the headers towards a modern site', () => {
  it.each<[string, string, Record<string, unknown>, string | undefined]>([
    ['a call', 'tools/call', { name: 'getJiraIssue' }, 'getJiraIssue'],
    ['a call of a name that is no ASCII', 'tools/call', { name: 'füße' }, '=?base64?ZsO8w59l?='],
    ['a call of a name with a line end', 'tools/call', { name: 'a\r\nx: y' }, '=?base64?YQ0KeDogeQ==?='],
    ['a prompt', 'prompts/get', { name: 'greet' }, 'greet'],
    ['a resource', 'resources/read', { uri: 'test://ä' }, '=?base64?dGVzdDovL8Ok?='],
    ['a list', 'tools/list', {}, undefined],
    ['a call without a name', 'tools/call', {}, undefined],
  ])('say method and name of %s', async (_, method, params, name) => {
    const { headers } = await arriving({ method, paramsText: JSON.stringify(params) });

    expect(headers['mcp-protocol-version']).toBe('2026-07-28');
    expect(headers['mcp-method']).toBe(method);
    expect(headers['mcp-name']).toBe(name);
  });

  it('repeat the arguments that the tool wants repeated', async () => {
    const { headers } = await arriving({ paramHeaders: { 'mcp-param-region': '=?base64?WsO8cmljaA==?=' } });

    expect(headers['mcp-param-region']).toBe('=?base64?WsO8cmljaA==?=');
  });

  it('never have a session id, also where the site tries to give one', async () => {
    const site = await startModernSite({
      'server/discover'(request, response) {
        response.setHeader('mcp-session-id', 'taken');
        sendError(request, response, { status: 400, code: -32_020, message: 'm' });
      },
    });
    const { upstream } = startUpstream();
    const target = { ...targetOf(site.endpoint), era: 'modern' as const };
    await upstream.send(target, callOf());
    await upstream.send(target, callOf());
    await upstream.close();

    expect(site.requests.map(({ httpMethod }) => httpMethod)).toEqual(['POST', 'POST', 'POST']);
    expect(site.requests.filter(({ headers }) => 'mcp-session-id' in headers)).toEqual([]);
  });
});

describe('the envelope', () => {
  const CLIENTS_OWN = `"${ENVELOPE.version}":"1900-01-01","${ENVELOPE.clientInfo}":{"name":"client"},"${ENVELOPE.capabilities}":{"sampling":{}},"${ENVELOPE.logLevel}":"debug"`;
  const OTHERS = '"progressToken":1.0,"traceparent":"00-0af7","big":9007199254740993,"x":{ "y" : [ 1 ] }';

  it('is of this hop, whatever the hop before said', async () => {
    const request = { paramsText: `{"name":"a","_meta":{${CLIENTS_OWN}}}` };

    const { meta } = await arriving(request, { elicitation: {} });

    expect(meta).toEqual({
      [ENVELOPE.version]: '2026-07-28',
      [ENVELOPE.clientInfo]: { name: 'switchyard-test', version: '1' },
      [ENVELOPE.capabilities]: { elicitation: {} },
    });
  });

  it('says that nothing can be asked of a client that declared nothing', async () => {
    expect((await arriving({})).meta[ENVELOPE.capabilities]).toEqual({});
  });

  it('asks for logs where the client did', async () => {
    expect((await arriving({ logLevel: 'info' })).meta[ENVELOPE.logLevel]).toBe('info');
  });

  it.each([
    ['modern', true],
    ['legacy', false],
  ] as const)('leaves everything else in _meta as it was towards a %s site', async (era, hasEnvelope) => {
    const site = await startModernSite({
      ...LEGACY_ANSWERS,
      'tools/call': callInEither,
      ...(era === 'legacy' && { 'server/discover': refuseUnknown }),
    });
    const { upstream } = startUpstream();
    const paramsText = `{"name":"a","_meta":{${CLIENTS_OWN},${OTHERS}},"arguments":{"n":1.0}}`;

    await upstream.send({ ...targetOf(site.endpoint), era: 'modern' }, callOf({ paramsText }));

    const text = site.asked('tools/call')[0]?.text ?? '';
    expect(text).toContain(OTHERS);
    expect(text).toContain('"arguments":{"n":1.0}');
    expect(text.includes('io.modelcontextprotocol/')).toBe(hasEnvelope);
    expect(text).not.toContain('1900-01-01');
  });
});

describe('what a modern site says', () => {
  it.each([
    ['a missing capability', 400, -32_021],
    ['an unknown method', 404, -32_601],
  ])('of %s is an answer, not a failure', async (_, status, code) => {
    const site = await startModernSite({
      'tools/call': (request, response) => sendError(request, response, { status, code, message: 'm' }),
    });
    const { upstream } = startUpstream();

    const { body } = await upstream.send({ ...targetOf(site.endpoint), era: 'modern' }, callOf());

    expect(JSON.parse(body.toString())).toMatchObject({ error: { code, message: 'm' } });
    expect(site.asked('tools/call')).toHaveLength(1);
  });

  it('before its answer is passed on, and belongs to no session', async () => {
    const site = await startModernSite({
      'tools/call'({ id }, response) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n');
        response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: {} })}\n\n`);
      },
    });
    const { upstream } = startUpstream();
    const heard: [string, string | undefined][] = [];

    await upstream.send(
      { ...targetOf(site.endpoint), era: 'modern' },
      callOf({ onMessage: (message, { sessionId }) => void heard.push([message.toString(), sessionId]) }),
    );

    expect(heard).toEqual([['{"jsonrpc":"2.0","method":"notifications/progress","params":{}}', undefined]]);
  });

  it('is not waited for when the caller gives up: the connection closes, no message follows', async () => {
    const events = new EventEmitter();
    const site = await startModernSite({
      'tools/call'(_, response) {
        response.once('close', () => events.emit('closed'));
        events.emit('asked');
      },
    });
    const { upstream } = startUpstream();
    const caller = new AbortController();
    const asked = once(events, 'asked');
    const closed = once(events, 'closed');
    const sent = failureOf(
      upstream.send({ ...targetOf(site.endpoint), era: 'modern' }, callOf({ signal: caller.signal })),
    );
    await asked;

    caller.abort();

    expect((await sent).code).toBe('cancelled');
    await closed;
    expect(site.asked('notifications/cancelled')).toEqual([]);
  });
});
