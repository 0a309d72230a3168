import { beforeEach, describe, expect, it } from 'vitest';

import { THREE_SITES } from '../estate.ts';
import { type PeopleEstate, startPeopleEstate } from './people-estate.ts';
import { createPerson } from './test-person.ts';

const NAME = 'eng__atlassianUserInfo';
const MODERN = '2026-07-28';

let estate: PeopleEstate;
let token: string;
beforeEach(async () => {
  estate = await startPeopleEstate({ sites: THREE_SITES });
  token = (await createPerson(estate, 'alice').connect()).access_token;
});

interface Answered {
  readonly sessionId: string | null;
  readonly body: {
    readonly result?: Readonly<Record<string, unknown>>;
    readonly error?: { readonly code: number; readonly data: unknown };
  };
}

async function post(
  message: { method: string; params: unknown },
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const response = await fetch(`${estate.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
  });
  return {
    sessionId: response.headers.get('mcp-session-id'),
    body: (await response.json()) as Answered['body'],
  };
}

function callIn(more: Readonly<Record<string, unknown>> = {}): { method: string; params: unknown } {
  return { method: 'tools/call', params: { name: NAME, arguments: {}, ...more } };
}

async function callInSession(elicitation: Readonly<Record<string, unknown>>): Promise<Answered['body']> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: { elicitation },
    clientInfo: { name: 'test', version: '1' },
  };
  const { sessionId } = await post({ method: 'initialize', params });
  return (await post(callIn(), { 'mcp-session-id': sessionId ?? '' })).body;
}

async function callModern(
  elicitation: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answered['body']> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': { elicitation },
  };
  const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': NAME };
  return (await post(callIn({ _meta, ...more }), headers)).body;
}

const told = { isError: true, _meta: { 'switchyard/reason': 'not_connected' } };

describe('a call of a site that is not linked', () => {
  it('is answered in words where the client opens no addresses', async () => {
    expect((await callInSession({ form: {} })).result).toMatchObject(told);
    expect((await callModern({ form: {} })).result).toMatchObject(told);
  });

  it('asks a client of the session era to open the page of the site, and nothing else', async () => {
    const { error } = await callInSession({ url: {} });

    expect(error?.code).toBe(-32_042);
    expect(error?.data).toMatchObject({
      elicitations: [{ mode: 'url', url: `${estate.url}/connect/eng`, elicitationId: expect.any(String) }],
    });
    expect(JSON.stringify(error)).not.toContain(token);
  });

  it('asks a modern client once, and tells it in words when it calls again all the same', async () => {
    const params = { mode: 'url', url: `${estate.url}/connect/eng` };
    expect((await callModern({ url: {} })).result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { link: { method: 'elicitation/create', params } },
    });

    const again = await callModern({ url: {} }, { inputResponses: { link: { action: 'decline' } } });
    expect(again.result).toMatchObject(told);
  });
});
