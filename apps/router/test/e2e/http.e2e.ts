import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CREDENTIALS, type Estate, eventually, startEstate } from './estate.ts';

let estate: Estate;
beforeAll(async () => {
  estate = await startEstate({ more: 'limits: { maxBodyBytes: 2048 }' });
  await estate.list();
});
afterAll(() => estate.close());

function mcp(path = '/mcp'): supertest.Test {
  return supertest(estate.url)
    .post(path)
    .set('Authorization', CREDENTIALS.alice)
    .set('Content-Type', 'application/json')
    .set('Accept', 'application/json, text/event-stream');
}

describe('methods', () => {
  it.each([[undefined], [CREDENTIALS.alice]])(
    'GET is 405 with Allow, with and without a credential (%s)',
    async (authorization) => {
      const request = supertest(estate.url).get('/mcp');
      if (authorization) request.set('Authorization', authorization);
      const response = await request;
      expect(response.status).toBe(405);
      expect(response.headers['allow']).toBe('POST, DELETE');
    },
  );

  it('DELETE is answered 200: there is no session to end', async () => {
    expect((await supertest(estate.url).delete('/mcp').set('Mcp-Session-Id', 'anything')).status).toBe(200);
  });

  it.each(['put', 'patch', 'head', 'options'] as const)('%s is 405', async (method) => {
    expect((await supertest(estate.url)[method]('/mcp')).status).toBe(405);
  });
});

describe('bodies', () => {
  it.each([
    ['not JSON', '{', 400, -32_700],
    ['nothing', '', 400, -32_700],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', 400, -32_600],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"ping"}', 400, -32_600],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32_600],
    [
      'nesting without end',
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(500)}${']'.repeat(500)}}}`,
      400,
      -32_600,
    ],
    ['a key twice', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', 400, -32_600],
    [
      'too much',
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'x'.repeat(3_000) } }),
      413,
      -32_600,
    ],
  ])('%s is refused and nothing is executed', async (_, body, status, code) => {
    estate.emulator.control.clearRequests();
    const response = await mcp().send(body);
    expect([response.status, response.body.error.code]).toEqual([status, code]);
    expect(estate.emulator.control.requests()).toEqual([]);
  });

  it('of another media type are 415, answers that the client does not take 406', async () => {
    expect((await mcp().set('Content-Type', 'text/plain').send('{}')).status).toBe(415);
    expect(
      (await mcp().set('Accept', 'text/html').send('{"jsonrpc":"2.0","id":1,"method":"ping"}')).status,
    ).toBe(406);
  });

  it.each(['*/*', 'application/json', 'text/event-stream'])('are taken with Accept: %s', async (accept) => {
    expect((await mcp().set('Accept', accept).send('{"jsonrpc":"2.0","id":1,"method":"ping"}')).status).toBe(
      200,
    );
  });
});

describe('messages', () => {
  it.each(['/mcp', '/v1/mcp', '/v2/mcp', '/mcp/'])('%s is the same connector', async (path) => {
    const { status, body } = await mcp(path).send('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    expect(status).toBe(200);
    expect(body.result.tools.length).toBeGreaterThan(250);
  });

  it.each([
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2024-11-05', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    [undefined, '2025-11-25'],
  ])(
    'initialize for %s is answered with %s, without asking any site and without a session',
    async (asked, given) => {
      await mcp().send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
      estate.emulator.control.clearRequests();
      const params = { protocolVersion: asked, capabilities: {}, clientInfo: { name: 't', version: '1' } };
      const { body, headers } = await mcp().send(
        JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
      );
      expect(body.result).toMatchObject({
        protocolVersion: given,
        capabilities: { tools: {} },
        serverInfo: { name: 'switchyard' },
      });
      expect(headers['mcp-session-id']).toBeUndefined();
      expect(estate.emulator.control.requests()).toEqual([]);
    },
  );

  it('notifications and responses are 202 without a body', async () => {
    const notified = await mcp().send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    const responded = await mcp().send('{"jsonrpc":"2.0","id":1,"result":{}}');
    expect([notified.status, notified.text, responded.status]).toEqual([202, '', 202]);
  });

  it('unknown methods are -32601, a call without a name is -32602', async () => {
    const unknown = await mcp().send('{"jsonrpc":"2.0","id":1,"method":"constructor"}');
    const nameless = await mcp().send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}');
    expect([unknown.body.error.code, nameless.body.error.code]).toEqual([-32_601, -32_602]);
  });

  it('an unsupported protocol version is 400 and names the supported ones', async () => {
    const { status, body } = await mcp()
      .set('MCP-Protocol-Version', '1999-01-01')
      .send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    expect(status).toBe(400);
    expect(body.error.message).toContain('2025-11-25');
  });

  it('a session id that a client makes up changes nothing', async () => {
    expect(
      (await mcp().set('Mcp-Session-Id', 'made-up').send('{"jsonrpc":"2.0","id":1,"method":"ping"}')).status,
    ).toBe(200);
  });
});

async function list(id: number, encoding: string): Promise<Response> {
  return fetch(`${estate.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: CREDENTIALS.alice,
      'content-type': 'application/json',
      'accept-encoding': encoding,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list' }),
  });
}

describe('lists', () => {
  it('come compressed to clients that take it, each under its own id', async () => {
    const plain = (await (await list(1, 'identity')).json()) as { result: unknown };
    await eventually(async () =>
      expect((await list(2, 'gzip')).headers.get('content-encoding')).toBe('gzip'),
    );
    for (const id of [3, 4]) {
      const response = await list(id, 'br, gzip');
      expect(Number(response.headers.get('content-length'))).toBeLessThan(60_000);
      expect(await response.json()).toEqual({ jsonrpc: '2.0', id, result: plain.result });
    }
    expect((await list(5, 'identity')).headers.get('content-encoding')).toBeNull();
  });
});

describe('senders (DNS rebinding)', () => {
  it.each([
    ['a foreign Host', { Host: 'evil.example' }, 403],
    ['a foreign Origin', { Origin: 'https://evil.example' }, 403],
    ['an Origin that is not one', { Origin: 'null' }, 403],
    ['a local Origin', { Origin: 'http://localhost:6274' }, 200],
    ['localhost as Host', { Host: 'localhost:1' }, 200],
  ])('%s', async (_, headers, status) => {
    const response = await mcp().set(headers).send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    expect(response.status).toBe(status);
  });
});

describe('metadata and the rest', () => {
  it.each(['', '/mcp', '/mcp/sites/eng', '/mcp/views/x'])(
    'the protected-resource document stands at the place of %s',
    async (path) => {
      const { status, body } = await supertest(estate.url).get(
        `/.well-known/oauth-protected-resource${path}`,
      );
      expect(status).toBe(200);
      expect(body.resource).toBe(`${estate.url}${path || '/mcp'}`);
      expect(body.authorization_servers).toBeUndefined();
    },
  );

  it('clients that run in a browser may read the protected-resource document, with the header that they send', async () => {
    const place = '/.well-known/oauth-protected-resource/mcp';
    const asked = await supertest(estate.url).options(place).set('Origin', 'http://localhost:6274');
    const read = await supertest(estate.url).get(place).set('Origin', 'http://localhost:6274');

    expect(asked.status).toBe(204);
    expect(asked.headers['access-control-allow-headers']).toContain('mcp-protocol-version');
    expect([asked, read].map(({ headers }) => headers['access-control-allow-origin'])).toEqual(['*', '*']);
  });

  it.each(['/', '/nothing', '/.well-known/oauth-protected-resource/nothing', '/mcpx'])(
    '%s is 404',
    async (path) => {
      expect((await supertest(estate.url).get(path)).status).toBe(404);
    },
  );
});

function admin(): ReturnType<typeof supertest> {
  return supertest(estate.switchyard.adminUrl);
}

describe('the admin listener', () => {
  it('answers health', async () => {
    const alive = await admin().get('/livez');
    const ready = await admin().get('/readyz');
    expect([alive.status, ready.status]).toEqual([200, 200]);
    expect(ready.body).toEqual({ status: 'ready', degraded: [] });
  });

  it('shows the metrics of the contract and no request of anybody in them (I8)', async () => {
    await mcp().send(`{"jsonrpc":"2.0","id":1,"method":"x-${'y'.repeat(40)}"}`);
    await mcp().send(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"eng__getJiraIssue","arguments":{"issueIdOrKey":"ENG-1"}}}',
    );
    const { text, headers } = await admin().get('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    for (const name of [
      'mcp_server_operation_duration_seconds',
      'mcp_client_operation_duration_seconds',
      'switchyard_tool_calls_total{site="eng",product="jira",access="read",outcome="ok"}',
      'switchyard_site_up{site="eng"} 1',
      'switchyard_site_tools{site="ops"} 48',
      'switchyard_tool_list_cache_total',
      'switchyard_upstream_sessions{site="eng"}',
    ]) {
      expect(text).toContain(name);
    }
    expect(text).not.toMatch(/yyyy|ENG-1|alice|demo-/);
  });

  it('lists the sites', async () => {
    const { body } = await admin().get('/admin/v1/sites');
    expect(body.sites.map(({ name }: { name: string }) => name)).toEqual(['eng', 'ops', '33333333']);
  });

  it('is not there on the MCP listener', async () => {
    expect((await supertest(estate.url).get('/metrics')).status).toBe(404);
  });

  it('does not take a reload from a web page', async () => {
    expect((await admin().post('/admin/v1/config/reload').set('Origin', 'https://evil.example')).status).toBe(
      403,
    );
  });

  it('knows nothing else', async () => {
    const response = await admin().get('/nothing');
    expect([response.status, response.headers['content-type']]).toEqual([
      404,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
  });
});
