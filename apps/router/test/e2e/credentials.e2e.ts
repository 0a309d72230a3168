import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  basic,
  CREDENTIALS,
  type Estate,
  eventually,
  said,
  startEstate,
  type McpResponse,
} from './estate.ts';

const INITIALIZE = {
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('credentials', () => {
  let estate: Estate;
  beforeAll(async () => void (estate = await startEstate()));
  afterAll(() => estate.close());
  afterEach(() => estate.emulator.control.updateSettings({ apiTokenAuth: true, ipRefused: false }));

  function initialize(authorization: string | undefined): Promise<McpResponse> {
    return estate.request(INITIALIZE, { as: authorization ?? '' });
  }

  it.each([
    ['none', undefined],
    ['wrong base64', 'Basic !!!'],
    ['base64 of something without a colon', `Basic ${base64('alice')}`],
    ['a missing scheme', base64('alice@demo.example:demo-alice-token')],
    [
      'a token with a trailing newline, as `echo | base64` makes it',
      basic('alice@demo.example', 'demo-alice-token\n'),
    ],
    ['an organisation admin key', CREDENTIALS.organisationKey],
    ['a token that is not one', basic('alice@demo.example', 'wrong')],
    ['a personal token sent as Bearer', 'Bearer demo-alice-token'],
    [
      'an OAuth token of somewhere else',
      `Bearer ${base64('{"alg":"none"}').replaceAll('=', '')}.${base64('{"sub":"x"}').replaceAll('=', '')}.sig`,
    ],
  ])('are refused in the same words, whatever is wrong: %s', async (_, authorization) => {
    const { status, headers, body } = await initialize(authorization);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(
      /^Bearer resource_metadata="http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-protected-resource\/mcp", scope="[^"]+"$/,
    );
    expect(body.error?.message).toMatch(/^No valid Atlassian credential came/);
  });

  it.each([
    ['Basic', CREDENTIALS.alice],
    ['a lower-case scheme', CREDENTIALS.alice.replace('Basic', 'basic')],
    ['a service-account key', CREDENTIALS.service],
  ])('are accepted: %s', async (_, authorization) => {
    expect((await initialize(authorization)).status).toBe(200);
    expect((await estate.list({ as: authorization })).rows.map(({ status }) => status)).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  });

  it('a classic token is let in, and its sites say that it is under-scoped and why', async () => {
    const { rows, names } = await estate.list({ as: CREDENTIALS.carol });
    const call = await estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }, { as: CREDENTIALS.carol });

    expect(rows[0]).toMatchObject({ site: 'eng', status: 'under-scoped', tools: 2 });
    expect(rows[0]?.reason).toMatch(/classic API token.*lacks.*Bearer instead of Basic/);
    expect(names).toContain('eng__atlassianUserInfo');
    expect(call.body.result?._meta?.['switchyard/reason']).toBe('under_scoped');
  });

  it('a valid account of somewhere else is nobody here', async () => {
    const { status, body } = await initialize(CREDENTIALS.dave);
    expect(status).toBe(403);
    expect(body.error?.message).not.toMatch(/alpha|beta|gamma|eng|ops/);
  });

  it("says so when API tokens are turned off on Atlassian's side, once verification has shown it", async () => {
    estate.emulator.control.updateSettings({ apiTokenAuth: false });
    const { status, body } = await initialize(basic('bob@demo.example', 'demo-bob-token'));
    expect(status).toBe(401);
    expect(body.error?.message).toMatch(/Atlassian/);
    expect(body.error?.message).toMatch(/turned off/);
  });

  it('are never remembered longer than they may be: a known caller is not asked for again', async () => {
    await initialize(CREDENTIALS.alice);
    estate.emulator.control.clearRequests();
    await initialize(CREDENTIALS.alice);
    expect(estate.emulator.control.requests()).toEqual([]);
  });

  it('that upstream stops accepting are verified again, and then refused', async () => {
    const known = await startEstate();
    await known.list();
    const id = known.emulator.control.addFault({ effect: { kind: 'http', status: 401 } });
    const call = await known.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' });
    expect(call.body.result?._meta?.['switchyard/reason']).toBe('not_connected');

    const next = await known.request(INITIALIZE);

    expect(next.status).toBe(401);
    known.emulator.control.removeFault(id);
    await known.close();
  });

  it('cannot be checked while no endpoint answers: 503 and when to try again', async () => {
    const cold = await startEstate();
    cold.emulator.control.addFault({ effect: { kind: 'reset' } });
    const { status, headers, body } = await cold.request(INITIALIZE);
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body.error?.message).toBeDefined();
    cold.emulator.control.clearFaults();
    await eventually(async () => expect((await cold.request(INITIALIZE)).status).toBe(200));
    await cold.close();
  });
});

describe('the admin switch', () => {
  it.each([
    ['Basic', CREDENTIALS.alice],
    ['Bearer', CREDENTIALS.service],
  ])('is off by default: %s is not even looked at', async (_, as) => {
    const estate = await startEstate({ more: 'auth: {}' });
    const { status, body, headers } = await estate.request(INITIALIZE, { as });
    expect(status).toBe(401);
    expect(body.error?.message).toMatch(/^API token authentication is turned off/);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(estate.emulator.control.requests()).toEqual([]);
    await estate.close();
  });
});

describe('shared sites', () => {
  const shared = `identity: shared
credential: { serviceAccountKey: demo-service-key }
allow: ["*@demo.example"]`;

  it('use their service account for whom `allow` names, read-only', async () => {
    const estate = await startEstate({
      sites: [
        { name: 'eng', alias: 'eng', more: shared },
        { name: 'ops', alias: 'ops' },
      ],
    });
    const { tools, rows } = await estate.list({ as: CREDENTIALS.bob });
    const read = await estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }, { as: CREDENTIALS.bob });
    const write = await estate.call('eng__createJiraIssue', { projectKey: 'ENG' }, { as: CREDENTIALS.bob });

    expect(rows.map(({ site, status }) => [site, status])).toEqual([
      ['eng', 'ok'],
      ['ops', 'ok'],
    ]);
    const accesses = tools
      .filter(({ _meta }) => _meta?.['switchyard/site'] === 'eng')
      .map(({ _meta }) => _meta['switchyard/access']);
    expect(new Set(accesses)).toEqual(new Set(['read']));
    expect(JSON.stringify(said(read))).toContain('ENG-1');
    expect(write.body.error?.message).toBe('Unknown tool: eng__createJiraIssue');
    const accounts = estate.emulator.control
      .requests()
      .filter(({ tool }) => tool === 'getJiraIssue')
      .map(({ account }) => account);
    expect(accounts).toEqual([
      estate.emulator.control.requests().find(({ account }) => /service/i.test(account ?? ''))?.account,
    ]);
    await estate.close();
  });

  it('are closed to everybody else, also where the person has an account there', async () => {
    const only = shared.replace('*@demo.example', 'alice@demo.example');
    const estate = await startEstate({
      sites: [
        { name: 'ops', alias: 'ops', more: only },
        { name: 'eng', alias: 'eng' },
      ],
    });
    const { status } = await estate.request(INITIALIZE, { as: CREDENTIALS.bob });
    expect(status).toBe(403);
    expect((await estate.list()).rows.map(({ site }) => site)).toEqual(['ops', 'eng']);
    await estate.close();
  });
});

describe('addresses', () => {
  it.each([
    ['outside the list', 'ipAllowlist: [10.0.0.0/8]', '', {}, 403],
    ['inside the list', 'ipAllowlist: [127.0.0.0/8]', '', {}, 200],
    [
      'a header that nobody vouches for',
      'ipAllowlist: [10.0.0.0/8]',
      '',
      { 'x-forwarded-for': '10.1.1.1' },
      403,
    ],
    [
      'a header of a trusted proxy',
      'ipAllowlist: [10.0.0.0/8]',
      'trustedProxies: [127.0.0.1]',
      { 'x-forwarded-for': '10.1.1.1' },
      200,
    ],
    [
      'a forged hop before the real one',
      'ipAllowlist: [10.0.0.0/8]',
      'trustedProxies: [127.0.0.1]',
      { 'x-forwarded-for': '10.1.1.1, 9.9.9.9' },
      403,
    ],
  ])('%s', async (_, list, proxies, headers, status) => {
    const estate = await startEstate({ more: `auth: { apiToken: { enabled: true }, ${list} }\n${proxies}` });
    const post = await estate.request(INITIALIZE, { headers });
    const get = await fetch(`${estate.url}/mcp`, { headers });
    const remove = await fetch(`${estate.url}/mcp`, { method: 'DELETE', headers });
    const page = await fetch(`${estate.url}/.well-known/oauth-protected-resource`, { headers });
    const expected = status === 403 ? [403, 403, 403, 403] : [200, 405, 200, 200];
    expect([post.status, get.status, remove.status, page.status]).toEqual(expected);
    if (status === 403) expect(estate.emulator.control.requests()).toEqual([]);
    await estate.close();
  });
});
