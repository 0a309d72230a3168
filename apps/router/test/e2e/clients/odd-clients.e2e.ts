import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CREDENTIALS, type Estate, type McpResponse, startEstate } from '../estate.ts';
import { BOTH_SITES } from './both-sites.ts';

let estate: Estate;
beforeAll(async () => void (estate = await startEstate()));
afterAll(() => estate.close());

type Headers = Readonly<Record<string, string>>;
type Send = (method: string, params: Readonly<Record<string, unknown>>, id: number) => Promise<McpResponse>;

const VERSION = { 'mcp-protocol-version': '2025-11-25' };

function initialize(headers: Headers = {}): Promise<McpResponse> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation: {}, sampling: {}, roots: {} },
    clientInfo: { name: 'odd', version: '1' },
  };
  return estate.request({ id: 0, method: 'initialize', params }, { headers });
}

/** What a client sends that was given a session id, or none. */
function withSession(opening: McpResponse): Headers {
  const sessionId = opening.headers.get('mcp-session-id');
  return { ...VERSION, ...(sessionId !== null && { 'mcp-session-id': sessionId }) };
}

/** Headers of the new era, as mcp-remote sends them in the old one. */
function newHeaders(method: string, name?: unknown): Headers {
  return { ...VERSION, 'mcp-method': method, ...(typeof name === 'string' && { 'mcp-name': name }) };
}

function bareRequest(method: 'GET' | 'DELETE', headers: Headers = {}): Promise<Response> {
  return fetch(`${estate.url}/mcp`, { method, headers });
}

function sender(headers: Headers): Send {
  return (method, params, id) => estate.request({ id, method, params }, { headers });
}

/** Lists and calls two sites. */
async function work(send: Send): Promise<void> {
  const { status, text } = await send('tools/list', {}, 1);
  expect(status).toBe(200);
  for (const { name } of BOTH_SITES) expect(text).toContain(`"name":"${name}"`);
  for (const [index, { name, issue }] of BOTH_SITES.entries()) {
    const answer = await send('tools/call', { name, arguments: { issueIdOrKey: issue } }, index + 2);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: index + 2, jsonrpc: '2.0' });
    expect(answer.body.result?.isError ?? false).toBe(false);
    expect(JSON.stringify(answer.body.result?.content)).toContain(issue);
  }
}

describe('a client that handles its session oddly', () => {
  let opening: McpResponse;
  beforeEach(async () => {
    opening = await initialize();
    expect(opening.status).toBe(200);
  });

  it('and sends it back as it should lists and calls', () => work(sender(withSession(opening))));

  it('and drops it lists and calls', () => work(sender(VERSION)));

  it('and drops its protocol version as well lists and calls', () => work(sender({})));

  it('and deletes it first lists and calls, without it and with it', async () => {
    const session = withSession(opening);
    const farewell = await bareRequest('DELETE', { authorization: CREDENTIALS.alice, ...session });
    expect(farewell.status).toBe(200);
    await work(sender(VERSION));
    await work(sender(session));
  });

  it('and opens another one for every request lists and calls', async () => {
    await work(async (method, params, id) => sender(withSession(await initialize()))(method, params, id));
  });
});

describe('a client that begins oddly', () => {
  it('by deleting a session that it never had lists and calls', async () => {
    expect((await bareRequest('DELETE')).status).toBe(200);
    await work(sender(withSession(await initialize())));
  });

  it.each([
    ['without its credential', {}] as const,
    ['with it', { authorization: CREDENTIALS.alice }] as const,
  ])('by a GET %s learns that there is no stream, then lists and calls', async (_, headers) => {
    const response = await bareRequest('GET', { accept: 'text/event-stream', ...headers });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
    expect(response.headers.has('www-authenticate')).toBe(false);
    await work(sender(withSession(await initialize())));
  });

  it('by a tool, and never says initialize, lists and calls', () => work(sender({})));
});

describe('a client of the old era with headers of the new one', () => {
  it('is answered in the old era', async () => {
    const { body } = await initialize(newHeaders('initialize'));
    expect(body.result).toMatchObject({ protocolVersion: '2025-11-25' });
    expect(body.result).not.toHaveProperty('resultType');
  });

  it('has its notifications taken', async () => {
    const method = 'notifications/initialized';
    expect((await estate.request({ method }, { headers: newHeaders(method) })).status).toBe(202);
  });

  it('lists and calls', async () => {
    await work((method, params, id) => sender(newHeaders(method, params['name']))(method, params, id));
  });
});
