import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CLOUD_IDS, CREDENTIALS, type Estate, said, startEstate } from './estate.ts';

let estate: Estate;
beforeAll(async () => {
  estate = await startEstate({
    more: 'views: { triage: { sites: [eng, ops], products: { jira: read } } }',
  });
});
afterAll(() => estate.close());

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

describe('one connector, three sites', () => {
  it('lists every tool of every site once, under a valid name of its own', async () => {
    const { names, rows } = await estate.list();

    expect(rows.map(({ site, status }) => [site, status])).toEqual([
      ['eng', 'ok'],
      ['ops', 'ok'],
      ['33333333', 'ok'],
    ]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !NAME.test(name))).toEqual([]);
    expect(names[0]).toBe('switchyard_sites');
    for (const { site, tools } of rows) {
      expect(names.filter((name) => name.startsWith(`${site}__`))).toHaveLength(tools);
    }
  });

  it('follows every page of a site: more than fifty tools arrive complete', async () => {
    const { names } = await estate.list({ path: '/mcp/sites/eng' });
    const pages = estate.emulator.control
      .requests()
      .filter(({ method, path }) => method === 'tools/list' && path.includes('v2'));

    // All scopes of the token, all groups but the two that are off upstream: 190 tools, 50 a page.
    expect(pages.map(({ params }) => params)).toHaveLength(4);
    expect(names).toHaveLength(2 + 190);
  });

  it.each([
    ['eng__getJiraIssue', 'eng', 'ENG-1'],
    ['ops__getJiraIssue', 'ops', 'OPS-1'],
    ['33333333__getJiraIssue', 'labs', 'LAB-1'],
  ] as const)('routes %s to its own site with the right cloudId', async (name, site, key) => {
    estate.emulator.control.clearRequests();

    const response = await estate.call(name, { issueIdOrKey: key });

    expect(response.body.result?.isError ?? false).toBe(false);
    expect(JSON.stringify(said(response))).toContain(key);
    const calls = estate.emulator.control.requests().filter(({ method }) => method === 'tools/call');
    expect(calls.map(({ tool, cloudId }) => [tool, cloudId])).toEqual([['getJiraIssue', CLOUD_IDS[site]]]);
  });

  it.each([
    'eng__getJiraIssue',
    '11111111__getJiraIssue',
    `${CLOUD_IDS.eng}__getJiraIssue`,
    `${CLOUD_IDS.eng.toUpperCase()}__getJiraIssue`,
  ])('accepts the name %s', async (name) => {
    const response = await estate.call(name, { issueIdOrKey: 'ENG-1' });
    expect(JSON.stringify(said(response))).toContain('ENG-1');
  });

  it('serves an official SDK client: list, call, and a write that later reads see', async () => {
    const client = await estate.connect();

    const { tools } = await client.listTools();
    const created = await client.callTool({
      name: 'eng__createJiraIssue',
      arguments: { projectKey: 'ENG', issueType: 'Task', summary: 'Seen through Switchyard' },
    });
    const key = /ENG-\d+/.exec(JSON.stringify(created.content))?.[0];
    const read = await client.callTool({ name: 'eng__getJiraIssue', arguments: { issueIdOrKey: key } });

    expect(tools.length).toBeGreaterThan(250);
    expect(key).toBeDefined();
    expect(JSON.stringify(read.content)).toContain('Seen through Switchyard');
    await client.close();
  });

  it('hides cloudId from every schema', async () => {
    const { tools } = await estate.list();
    const telling = tools.filter(({ inputSchema }) => JSON.stringify(inputSchema).includes('cloudId'));
    expect(telling.map(({ name }) => name)).toEqual([]);
  });

  it('says in _meta and in the description where a tool belongs', async () => {
    const { tools } = await estate.list();
    const tool = tools.find(({ name }) => name === 'ops__createJiraIssue');
    expect(tool?.description).toMatch(/^\[ops\] /);
    expect(tool?._meta).toMatchObject({
      'switchyard/site': 'ops',
      'switchyard/cloudId': CLOUD_IDS.ops,
      'switchyard/tool': 'createJiraIssue',
      'switchyard/product': 'jira',
      'switchyard/access': 'write',
    });
    expect(tool?.annotations).toMatchObject({ readOnlyHint: false });
  });
});

describe('a single-site URL', () => {
  it.each([
    '/mcp/sites/ops',
    `/mcp/sites/${CLOUD_IDS.ops}`,
    '/mcp/sites/beta-ops.atlassian.net',
    '/mcp?site=ops',
  ])('%s serves plain names and fills in the cloudId', async (path) => {
    estate.emulator.control.clearRequests();
    const { names } = await estate.list({ path });
    const response = await estate.call('getJiraIssue', { issueIdOrKey: 'OPS-1' }, { path });

    expect(names).toContain('getJiraIssue');
    expect(names.filter((name) => name.includes('__'))).toEqual([]);
    expect(JSON.stringify(said(response))).toContain('OPS-1');
    expect(estate.emulator.control.requests().at(-1)?.cloudId).toBe(CLOUD_IDS.ops);
  });

  it.each(['/mcp/sites/nowhere', '/mcp?site=nowhere', '/mcp?site=eng,nowhere', '/mcp/views/nowhere'])(
    'answers 404 for %s, as for a site that the caller may not use',
    async (path) => {
      const unknown = await estate.request({ id: 1, method: 'tools/list' }, { path });
      const forbidden = await estate.request(
        { id: 1, method: 'tools/list' },
        { path: '/mcp/sites/eng', as: CREDENTIALS.bob },
      );
      expect([unknown.status, forbidden.status]).toEqual([404, 404]);
      expect(forbidden.body.error?.message).toBe('Unknown site: eng');
    },
  );
});

describe('who sees what', () => {
  it('shows one site to a caller who may use one', async () => {
    const { names, rows } = await estate.list({ as: CREDENTIALS.bob });
    const other = await estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }, { as: CREDENTIALS.bob });

    expect(rows.map(({ site }) => site)).toEqual(['ops']);
    expect(names.filter((name) => !name.startsWith('ops__'))).toEqual([
      'switchyard_sites',
      'switchyard_explain',
      'search',
      'fetch',
    ]);
    expect(other.body.error).toEqual({ code: -32602, message: 'Unknown tool: eng__getJiraIssue' });
  });

  it('answers switchyard_sites with the state of each site', async () => {
    const { body } = await estate.call('switchyard_sites');
    const { sites } = body.result?.structuredContent ?? {};
    expect(sites).toMatchObject([
      { site: 'eng', status: 'ok' },
      { site: 'ops', status: 'ok' },
      { site: '33333333', status: 'ok' },
    ]);
  });
});

describe('narrowing', () => {
  it.each([
    ['/mcp?products=confluence', /^confluence$|^platform$/, /./],
    ['/mcp?readonly=true', /./, /^read$/],
    ['/mcp/views/triage', /^jira$|^platform$/, /^read$/],
    ['/mcp?capabilities=READ_JIRA', /^jira$|^platform$/, /^read$/],
  ])('%s shows only what fits', async (path, product, access) => {
    const { tools } = await estate.list({ path });
    const shown = tools.filter(({ name }) => name.includes('__'));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter(({ _meta }) => !product.test(String(_meta['switchyard/product'])))).toEqual([]);
    const reading = shown.filter(({ _meta }) => !access.test(String(_meta['switchyard/access'])));
    // A v1 tool that reads or writes by its `action` is shown, and its writing actions are refused.
    expect(reading.filter(({ name }) => !/__bitbucket/.test(name))).toEqual([]);
  });

  it.each([
    ['?products=jria', 'jria'],
    ['?products=', 'names no product'],
    ['?capabilities=FLY_JIRA', 'FLY_JIRA'],
    ['?readonly=perhaps', 'true or false'],
    ['?mode=weird', 'must be namespaced, merged or lean'],
    ['?mode=', 'must be namespaced, merged or lean'],
  ])('%s is refused with a sentence', async (query, fragment) => {
    const { status, body } = await estate.request({ id: 1, method: 'tools/list' }, { path: `/mcp${query}` });
    expect(status).toBe(400);
    expect(body.error?.message).toContain(fragment);
  });

  it('ignores parameters that it does not know', async () => {
    expect((await estate.list({ path: '/mcp?v=2&utm_source=x' })).rows).toHaveLength(3);
  });
});
