import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it, onTestFinished } from 'vitest';

import { CLOUD_IDS, CREDENTIALS, startEstate } from '../estate.ts';
import { startModernSite } from './modern-site.ts';
import {
  answerOf,
  AT_ENG,
  connectLegacy,
  ONE_SITE,
  post,
  postModern,
  type Router,
  startRouter,
  textOf,
} from './router.ts';

/** The official client, which speaks the stateless era and no other. */
async function connectPinned({ url }: Pick<Router, 'url'>, path = AT_ENG): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const requestInit = { headers: { authorization: CREDENTIALS.alice } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url + path), { requestInit }));
  onTestFinished(() => client.close());
  return client;
}

describe('a site without sessions', () => {
  it.each([
    ['legacy', (router: Router) => connectLegacy(router, {})],
    ['modern', (router: Router) => connectPinned(router)],
  ])('is listed and called by a %s client', async (_, connect) => {
    const site = await startModernSite();
    const router = await startRouter(site.url);
    const client = await connect(router);

    const { tools } = await client.listTools();
    const result = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });

    expect(tools.map(({ name }) => name)).toContain('greet');
    expect(textOf(result)).toBe('Hello, Ada!');
    expect(site.requests.filter(({ headers }) => 'mcp-session-id' in headers)).toEqual([]);
  });

  it('gets the name and the arguments again as headers, whatever the client sent', async () => {
    const site = await startModernSite();
    const router = await startRouter(site.url);

    const params = { name: 'greet', arguments: { name: 'Zoë' } };
    const headers = { 'mcp-method': 'tools/call', 'mcp-name': 'greet' };
    await answerOf(post(router, { id: 1, method: 'tools/call', params }, { headers }));

    const { headers: sent } = site.requests.findLast(({ method }) => method === 'tools/call') ?? {};
    expect(sent).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'greet',
      'mcp-param-name': '=?base64?Wm/Dqw==?=',
    });
  });

  it.each([
    ['missing', {}],
    ['another', { 'mcp-param-name': 'Eve' }],
  ])('is not called when a repeated argument is %s', async (_, headers) => {
    const site = await startModernSite();
    const router = await startRouter(site.url);
    await answerOf(postModern(router, { id: 1, method: 'tools/list' }));

    const params = { name: 'greet', arguments: { name: 'Ada' } };
    const response = await postModern(router, { id: 2, method: 'tools/call', params }, { headers });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: 2, error: { code: -32_020 } });
    expect(site.requests.filter(({ name }) => name === 'greet')).toEqual([]);
  });

  it.each([
    ['legacy', post, 200],
    ['modern', postModern, 404],
  ] as const)('says to a %s client what it does not know', async (_, send, status) => {
    const site = await startModernSite();
    const router = await startRouter(site.url);

    const response = await send(router, { id: 3, method: 'prompts/get', params: { name: 'x' } });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ id: 3, error: { code: -32_601 } });
  });

  it('is called for one request of the client that is cancelled: the connection closes', async () => {
    const site = await startModernSite();
    const router = await startRouter(site.url);
    const call = answerOf(
      post(router, { id: 4, method: 'tools/call', params: { name: 'wait', arguments: {} } }),
    );
    await site.arrival('wait');

    await post(router, { method: 'notifications/cancelled', params: { requestId: 4 } });

    expect(await call).toMatchObject({ id: 4, result: { isError: true } });
    await site.left('wait');
    expect(site.requests.filter(({ method }) => method === 'notifications/cancelled')).toEqual([]);
  });
});

describe('sites with sessions', () => {
  it('are listed and called by a client that knows the stateless era alone', async () => {
    const estate = await startEstate({
      sites: [
        { name: 'eng', alias: 'eng' },
        { name: 'ops', alias: 'ops' },
      ],
    });
    onTestFinished(() => estate.close());
    const client = await connectPinned(estate, '/mcp');

    const { tools } = await client.listTools();
    const result = await client.callTool({ name: 'ops__getJiraIssue', arguments: { issueIdOrKey: 'OPS-1' } });

    expect(client.getProtocolEra()).toBe('modern');
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['eng__getJiraIssue', 'ops__getJiraIssue']),
    );
    expect(textOf(result)).toContain('OPS-1');
  });

  it('are asked for no session by the client, whose state is nowhere', async () => {
    const estate = await startEstate({
      sites: ONE_SITE.map((site) => ({ ...site, path: '/v2/mcp?tools=all' })),
    });
    onTestFinished(() => estate.close());

    const response = await postModern(
      estate,
      { id: 1, method: 'tools/list' },
      { headers: { 'mcp-session-id': 'x' } },
    );

    expect(response.headers.get('mcp-session-id')).toBeNull();
    expect(await response.json()).toMatchObject({
      result: {
        resultType: 'complete',
        cacheScope: 'private',
        _meta: { 'switchyard/sites': [{ cloudId: CLOUD_IDS.eng }] },
      },
    });
  });
});
