import { describe, expect, it } from 'vitest';

import type { EmulatedAccount } from '../src/index.ts';
import {
  ALICE,
  ALPHA,
  basic,
  BETA,
  BOB,
  CAROL,
  DAVE,
  ELSEWHERE,
  listOf,
  SERVICE,
  startClient,
} from './emulator-client.ts';

const E4 = 'Authentication failed: {"code":401,"message":"Unauthorized"}';
const E11 = 'The app is not installed on this instance';
const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
const TWO_TOOLS = ['atlassianUserInfo', 'getAccessibleAtlassianResources'];

const OAUTH_ACCOUNT: EmulatedAccount = {
  accountId: 'erin',
  email: 'erin@x.example',
  name: 'Erin',
  sites: [ALPHA, BETA],
  credentials: [
    { kind: 'oauth', secret: 'erin-alpha', boundCloudId: ALPHA },
    { kind: 'oauth', secret: 'erin-v1', generation: 'v1' },
    { kind: 'oauth', secret: 'erin-expired', expired: true },
  ],
};

describe('callers that may not even initialize', () => {
  it.each([
    ['no credential at v1', '/v1/mcp', null, 'Bearer realm="OAuth", error="invalid_token"'],
    ['no credential at v2', '/v2/mcp', null, 'Bearer resource_metadata="'],
    [
      'an unknown Bearer token at v1',
      '/v1/mcp',
      'Bearer nope',
      'Bearer realm="OAuth", error="invalid_token"',
    ],
    ['an unknown Bearer token at authv2', '/v1/mcp/authv2', 'Bearer nope', 'Bearer error="invalid_token"'],
    ['a v1 OAuth token at v2', '/v2/mcp', 'Bearer erin-v1', 'Bearer error="invalid_token"'],
    ['an expired OAuth token', '/v2/mcp', 'Bearer erin-expired', 'Bearer error="invalid_token"'],
  ])('%s is answered 401', async (_what, path, auth, challenge) => {
    const client = await startClient({ accounts: [OAUTH_ACCOUNT] });

    const answer = await client.post(INITIALIZE, { path, auth });

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain(challenge);
  });
});

describe('useless credentials initialize all the same', () => {
  it.each([
    ['an unknown personal token', basic('x@demo.example', 'x')],
    ["another account's e-mail", basic('bob@demo.example', 'demo-alice-token')],
    ['wrong base64', 'Basic %%%'],
    ['a personal token sent as Bearer', 'Bearer demo-alice-token'],
  ])('%s lists two tools and fails every call with E4', async (_what, auth) => {
    const client = await startClient();

    expect((await client.post(INITIALIZE, { auth })).status).toBe(200);
    expect((await client.toolNames({ auth })).toSorted()).toEqual(TWO_TOOLS);
    expect((await client.call('atlassianUserInfo', {}, { auth })).text).toBe(E4);
    expect((await client.call('getJiraIssue', { cloudId: ALPHA }, { auth })).text).toBe(E4);
  });

  it('lists the Teamwork Graph tools instead by setting', async () => {
    const client = await startClient({ settings: { uselessTokenList: 'twg' } });

    const names = await client.toolNames({ auth: 'Bearer demo-alice-token' });

    expect(names.every((name) => name.includes('TeamworkGraph'))).toBe(true);
    expect(names).toHaveLength(3);
  });

  it('a classic token knows who it is and nothing else', async () => {
    const client = await startClient();

    expect((await client.toolNames({ auth: CAROL })).toSorted()).toEqual(TWO_TOOLS);
    expect((await client.call('atlassianUserInfo', {}, { auth: CAROL })).data?.['email']).toBe(
      'carol@demo.example',
    );
    expect((await client.call('getJiraIssue', { cloudId: ALPHA }, { auth: CAROL })).text).toContain(
      'scope does not',
    );
  });

  it.each(['Bearer demo-org-admin-key', 'demo-alice-token', 'Token abc'])(
    '%s has no tools at all',
    async (auth) => {
      const client = await startClient();

      for (const method of ['tools/list', 'tools/call']) {
        const { json } = await client.rpc(method, { name: 'atlassianUserInfo' }, { auth });
        expect(json['error']).toEqual({ code: -32_601, message: 'Method not found' });
      }
    },
  );
});

describe('what the organisation switched off', () => {
  it.each([
    [{ apiTokenAuth: false }, "You don't have permission to connect via API token"],
    [{ ipRefused: true }, "You don't have permission to connect from this IP address."],
  ])('%j lets the list work and fails calls', async (settings, text) => {
    const client = await startClient({ settings });

    expect((await client.toolNames()).length).toBeGreaterThan(10);
    expect((await client.call('atlassianUserInfo')).text).toContain(text);
  });

  it.each([
    ['E4', 'Authentication failed'],
    ['E6', 'accessibleResources.filter is not a function'],
  ] as const)('an expired OAuth token shows as %s at HTTP 200', async (expiredOauth, text) => {
    const client = await startClient({ accounts: [OAUTH_ACCOUNT], settings: { expiredOauth } });

    const called = await client.call('atlassianUserInfo', {}, { auth: 'Bearer erin-expired' });

    expect([called.isError, called.text.includes(text)]).toEqual([true, true]);
  });
});

describe('whom a credential reaches', () => {
  it.each([
    ['alice', ALICE, 3],
    ['bob', BOB, 1],
    ['the service account', SERVICE, 3],
    ['dave', DAVE, 1],
  ])('%s', async (_who, auth, count) => {
    const client = await startClient();

    const called = await client.call('getAccessibleAtlassianResources', {}, { auth });

    expect(listOf(called.data?.['resources'])).toHaveLength(count);
  });

  it.each([
    ['bob at alpha', BOB, ALPHA],
    ['dave at alpha', DAVE, ALPHA],
    ['alice at a site of somewhere else', ALICE, ELSEWHERE],
    ['alice at a site that nobody has', ALICE, 'https://nobody.atlassian.net'],
  ])('%s is answered E11', async (_what, auth, cloudId) => {
    const client = await startClient();

    const called = await client.call('getJiraIssue', { cloudId, issueIdOrKey: 'ENG-1' }, { auth });

    expect([called.isError, called.text]).toEqual([true, E11]);
  });

  it('an OAuth grant covers its one site', async () => {
    const client = await startClient({ accounts: [OAUTH_ACCOUNT] });
    const auth = 'Bearer erin-alpha';

    const resources = await client.call('getAccessibleAtlassianResources', {}, { auth });
    const other = await client.call('listJiraProjects', {}, { auth });
    const beta = await client.call('searchJiraIssuesUsingJql', { cloudId: BETA, jql: '' }, { auth });

    expect(listOf(resources.data?.['resources']).map((site) => site['cloudId'])).toEqual([ALPHA]);
    expect(other.answer.json['error']?.['code']).toBe(-32_602);
    expect(beta.text).toBe(E11);
  });
});

describe('shapes of the platform tools', () => {
  it('v1 answers a plain array with ids, v2 wraps resources with cloudIds', async () => {
    const client = await startClient();

    const v1 = await client.call('getAccessibleAtlassianResources', {}, { path: '/v1/mcp' });
    const v2 = await client.call('getAccessibleAtlassianResources');

    expect(listOf(v1.data)[0]).toMatchObject({ id: ALPHA, url: 'https://alpha-eng.atlassian.net' });
    expect(v2.text.startsWith('{"data":{"resources":[{"cloudId":')).toBe(true);
  });

  it('names a site twice and adds structuredContent by setting', async () => {
    const client = await startClient({ settings: { duplicateResources: true, structuredContent: true } });

    const { data, answer } = await client.call('getAccessibleAtlassianResources');

    expect(listOf(data?.['resources'])).toHaveLength(6);
    expect(answer.json['result']?.['structuredContent']?.['data']).toEqual(data);
  });

  it('tells who the caller is in either shape', async () => {
    const client = await startClient();

    const v1 = await client.call('atlassianUserInfo', {}, { path: '/v1/mcp' });
    const v2 = await client.call('atlassianUserInfo', {}, { auth: SERVICE });

    expect(v1.data).toMatchObject({ account_id: '712020:alice', email: 'alice@demo.example' });
    expect(v2.data).toMatchObject({ accountId: '712020:service-bot' });
    expect(v2.data).not.toHaveProperty('email');
  });
});
