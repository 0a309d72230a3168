import { describe, expect, it } from 'vitest';

import { ALICE, BOB, listOf, openSession, startClient } from './emulator-client.ts';

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-03-26' } };

describe('what the endpoint refuses', () => {
  it.each([
    ['a body that is no JSON', '{"jsonrpc":', {}, 400, -32_700],
    ['a batch', [PING], {}, 400, -32_600],
    ['a message without a version', { id: 1, method: 'ping' }, {}, 400, -32_600],
    ['a request without a session', PING, {}, 400, -32_000],
    ['an unknown session', PING, { 'mcp-session-id': 'nope' }, 404, -32_001],
    ['an unsupported protocol version', PING, { 'mcp-protocol-version': '2026-07-28' }, 400, -32_000],
    ['server/discover of a modern client', { ...PING, method: 'server/discover' }, {}, 400, -32_601],
    ['an Accept header with one type', INITIALIZE, { accept: 'application/json' }, 406, -32_000],
    ['another content type', INITIALIZE, { 'content-type': 'text/plain' }, 415, -32_000],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    const client = await startClient();

    const answer = await client.post(body, { headers });

    expect(answer.status).toBe(status);
    expect(answer.json['error']?.['code']).toBe(code);
  });

  it('refuses a body above 4 MiB with 413', async () => {
    const client = await startClient();

    const answer = await client.post(`{"jsonrpc":"2.0","x":"${'a'.repeat(4 * 1024 * 1024)}"}`);

    expect(answer.status).toBe(413);
  });

  it.each(['GET', 'PUT'])('answers %s with 405 and Allow, without a credential too', async (method) => {
    const client = await startClient();

    const response = await fetch(`${client.url}/v2/mcp`, { method });

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('answers 404 outside its paths', async () => {
    const client = await startClient();

    expect((await client.post(PING, { path: '/v3/mcp' })).status).toBe(404);
  });

  it('answers -32601 to an unknown method', async () => {
    const client = await startClient();

    expect((await client.rpc('resources/list')).json['error']?.['code']).toBe(-32_601);
  });
});

describe('sessions', () => {
  it.each([
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
  ])('negotiates %s to %s', async (asked, answered) => {
    const client = await startClient();

    const answer = await client.post({ ...INITIALIZE, params: { protocolVersion: asked } });

    expect(answer.json['result']?.['protocolVersion']).toBe(answered);
    expect(answer.headers.get('mcp-session-id')).toMatch(/^[\x21-\x7e]+$/);
  });

  it('accepts notifications with 202 and no body', async () => {
    const client = await startClient();
    const session = await openSession(client.url);

    const answer = await client.post(
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { headers: { 'mcp-session-id': session } },
    );

    expect([answer.status, answer.text]).toEqual([202, '']);
  });

  it('belong to one caller and one lane', async () => {
    const client = await startClient();
    const headers = { 'mcp-session-id': await openSession(client.url) };

    expect((await client.post(PING, { headers })).status).toBe(200);
    expect((await client.post(PING, { headers, auth: BOB })).status).toBe(404);
    expect((await client.post(PING, { headers, path: '/lane-a/v2/mcp' })).status).toBe(404);
  });

  it('end with DELETE', async () => {
    const client = await startClient();
    const headers = { 'mcp-session-id': await openSession(client.url), authorization: ALICE };

    const ended = await fetch(`${client.url}/v2/mcp`, { method: 'DELETE', headers });

    expect(ended.status).toBe(200);
    expect((await client.post(PING, { headers })).status).toBe(404);
  });

  it('are lost when control expires them and after their time to live', async () => {
    const client = await startClient({ sessionTtlMs: 0 });
    const headers = { 'mcp-session-id': await openSession(client.url) };
    await expect.poll(async () => (await client.post(PING, { headers })).status).toBe(404);
    const other = await startClient();
    await other.rpc('ping');

    other.emulator.control.expireSessions();

    expect((await other.rpc('ping')).status).toBe(404);
  });
});

describe('framing', () => {
  it.each([
    [
      { framing: 'json', idLast: false } as const,
      'application/json',
      /^\{"jsonrpc":"2.0","id":7,"result":\{/,
    ],
    [
      { framing: 'json', idLast: true } as const,
      'application/json',
      /^\{"result":\{.*\},"jsonrpc":"2.0","id":7\}$/,
    ],
    [{ framing: 'sse', idLast: false } as const, 'text/event-stream', /^event: message\ndata: \{.*\}\n\n$/],
  ])('follows the settings %j', async (settings, type, pattern) => {
    const client = await startClient({ settings });

    const answer = await client.rpc('tools/list', {});

    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.text).toMatch(pattern);
    expect(listOf(answer.json['result']?.['tools']).length).toBeGreaterThan(5);
  });

  it('announces changed tools on a GET stream', async () => {
    const client = await startClient({ settings: { getStream: true } });
    const headers = {
      'mcp-session-id': await openSession(client.url),
      authorization: ALICE,
      accept: 'text/event-stream',
    };
    const stream = await fetch(`${client.url}/v2/mcp`, { headers });
    const reader = stream.body?.getReader();

    client.emulator.control.changeTools({ generation: 'v2', remove: ['search'], notify: true });

    const chunk = await reader?.read();
    expect(Buffer.from(chunk?.value ?? []).toString()).toContain('notifications/tools/list_changed');
    await reader?.cancel();
  });
});
