import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { CLOUD_IDS, CREDENTIALS, type Estate, startEstate, THREE_LANES } from '../estate.ts';

/** eng and labs (without an alias) with v2 tools, ops with v1; nobody may edit issues at eng. */
let estate: Estate;
beforeAll(async () => {
  const [eng, ...others] = THREE_LANES;
  estate = await startEstate({
    sites: [{ ...eng, name: 'eng', more: 'tools: { deny: ["editJira*"] }' }, ...others],
    more: 'views: { triage: { sites: [eng, ops], products: { jira: read }, mode: merged } }',
  });
});
afterAll(() => estate.close());
afterEach(() => {
  estate.emulator.control.clearFaults();
  estate.emulator.control.clearRequests();
});

const MERGED = '/mcp?mode=merged';

function sent(): unknown[] {
  return (
    estate.emulator.control
      .requests()
      // Callers are verified by calls that name no site.
      .filter(({ method, cloudId }) => method === 'tools/call' && cloudId !== undefined)
      .map(({ tool, cloudId }) => [tool, cloudId])
  );
}

async function refusal(name: string, args: object, path = MERGED): Promise<string | undefined> {
  return (await estate.call(name, args, { path })).body.error?.message;
}

describe('a merged call', () => {
  it.each([
    [
      'no site',
      'getJiraIssue',
      { issueIdOrKey: 'ENG-1' },
      'Missing argument: site; one of eng, ops, 33333333',
    ],
    [
      'an unknown site',
      'getJiraIssue',
      { site: 'nope' },
      'Invalid arguments: site "nope" is no site that offers this; one of eng, ops, 33333333',
    ],
    [
      'a site without the tool',
      'editJiraIssue',
      { site: 'eng' },
      'Invalid arguments: eng does not offer editJiraIssue; one of ops, 33333333',
    ],
    ['an unknown tool', 'noSuchTool', { site: 'eng' }, 'Unknown tool: noSuchTool'],
    ['an unknown tool and an unknown site', 'noSuchTool', { site: 'nope' }, 'Unknown tool: noSuchTool'],
    ['an unknown tool and no site', 'noSuchTool', {}, 'Unknown tool: noSuchTool'],
    [
      'a contradiction',
      'getJiraIssue',
      { site: 'eng', cloudId: CLOUD_IDS.ops },
      'Invalid arguments: "site" says eng, other arguments say ops',
    ],
    [
      'an argument that only this site needs',
      'createJiraIssue',
      { site: 'ops', projectKey: 'OPS', summary: 'x' },
      'Invalid arguments: createJiraIssue on ops needs "issueTypeName"',
    ],
    [
      'a forbidden tool inside an envelope',
      'eng__executeWrite',
      { name: 'editJiraIssue' },
      'Unknown tool: eng__executeWrite',
    ],
    ['a namespaced name of nothing', 'eng__noSuchTool', {}, 'Unknown tool: eng__noSuchTool'],
  ])('is refused with %s, and nothing is sent', async (_, name, args, message) => {
    expect(await refusal(name, args)).toBe(message);
    expect(sent()).toEqual([]);
  });

  it.each([
    ['its name', { site: 'ops', issueIdOrKey: 'OPS-1' }],
    ['a cloudId', { cloudId: CLOUD_IDS.ops, issueIdOrKey: 'OPS-1' }],
    ['an address as cloudId', { cloudId: 'https://beta-ops.atlassian.net', issueIdOrKey: 'OPS-1' }],
    ['a namespaced name', { issueIdOrKey: 'OPS-1' }],
  ])('reaches the site that is said by %s', async (how, args) => {
    const name = how === 'a namespaced name' ? 'ops__getJiraIssue' : 'getJiraIssue';
    const { body } = await estate.call(name, args, { path: MERGED });

    expect(JSON.stringify(body.result)).toContain('OPS-1');
    expect(sent()).toEqual([['getJiraIssue', CLOUD_IDS.ops]]);
  });

  it('reaches the site whose address its arguments are, and no other', async () => {
    await estate.call(
      'getJiraIssue',
      { issueIdOrKey: 'https://beta-ops.atlassian.net/browse/OPS-1' },
      { path: MERGED },
    );

    expect(sent()).toEqual([['getJiraIssue', CLOUD_IDS.ops]]);
  });

  it('needs no site where only one has the tool', async () => {
    await estate.call('getVisibleJiraProjects', {}, { path: MERGED });

    expect(sent()).toEqual([['getVisibleJiraProjects', CLOUD_IDS.ops]]);
  });

  it('never goes to the only site left because the others are down (I12)', async () => {
    const other = await startEstate({ sites: THREE_LANES });
    for (const lane of ['eng', 'labs'])
      other.emulator.control.addFault({ match: { lane }, effect: { kind: 'http', status: 503 } });
    const { body } = await other.call('getJiraIssue', { issueIdOrKey: 'OPS-1' }, { path: MERGED });

    expect(body.error?.message).toBe('Missing argument: site; one of ops');
    await other.close();
  });

  it('tells the trouble of its site like any other', async () => {
    estate.emulator.control.addFault({
      match: { tool: 'getJiraIssue' },
      effect: { kind: 'http', status: 429, retryAfterSeconds: 7 },
    });
    const { body } = await estate.call(
      'getJiraIssue',
      { site: 'eng', issueIdOrKey: 'ENG-1' },
      { path: MERGED },
    );

    expect(body.result?._meta).toMatchObject({
      'switchyard/reason': 'rate_limited',
      'switchyard/site': 'eng',
    });
  });
});

describe('a merged list', () => {
  it('offers each caller the sites that are theirs (I1)', async () => {
    const siteOf = async (as: string): Promise<unknown> => {
      const { tools } = await estate.list({ path: MERGED, as });
      return tools.find(({ name }) => name === 'getJiraIssue')?.inputSchema.properties?.['site'];
    };

    expect(await siteOf(CREDENTIALS.alice)).toMatchObject({ enum: ['eng', 'ops', '33333333'] });
    expect(await siteOf(CREDENTIALS.bob)).toMatchObject({ enum: ['ops'] });
    const { body } = await estate.call(
      'getJiraIssue',
      { site: 'eng', issueIdOrKey: 'ENG-1' },
      { path: MERGED, as: CREDENTIALS.bob },
    );
    expect(body.error?.message).toBe('Invalid arguments: site "eng" is no site that offers this; one of ops');
  });

  it('tells generations apart in the description', async () => {
    const { tools } = await estate.list({ path: MERGED });
    const { description } = tools.find(({ name }) => name === 'createJiraIssue') ?? {};

    expect(description).toMatch(
      /Arguments differ by site\. \[eng, 33333333: .*\] \[ops: needs .*issueTypeName/,
    );
  });

  it('is that of a view whose mode says so, and of any URL that asks for it', async () => {
    const view = await estate.list({ path: '/mcp/views/triage' });
    const replaced = await estate.list({ path: '/mcp/views/triage?mode=namespaced' });

    expect(view.names).toContain('getJiraIssue');
    expect(view.names).not.toContain('createJiraIssue');
    expect(replaced.names).toContain('eng__getJiraIssue');
    expect(replaced.names.some((name) => /createJira/.test(name))).toBe(false);
  });

  it('on the URL of one site wants no site and takes it all the same', async () => {
    const path = '/mcp/sites/ops?mode=merged';
    const { tools } = await estate.list({ path });
    const schema = tools.find(({ name }) => name === 'getJiraIssue')?.inputSchema;
    expect(schema?.properties?.['site']).toMatchObject({ enum: ['ops'] });
    expect(schema?.required).toEqual(['issueIdOrKey']);

    for (const site of [{}, { site: 'ops' }])
      await estate.call('getJiraIssue', { ...site, issueIdOrKey: 'OPS-1' }, { path });
    expect(sent()).toHaveLength(2);
    expect(await refusal('getJiraIssue', { site: 'eng', issueIdOrKey: 'ENG-1' }, path)).toMatch(
      /one of ops$/,
    );
  });
});

describe('a lean call', () => {
  const LEAN = '/mcp?mode=lean';

  it.each([
    [
      'a tool that writes',
      'callReadTool',
      { tool: 'createJiraIssue', site: 'eng', arguments: {} },
      'Invalid arguments: createJiraIssue does not only read here; use callWriteTool',
    ],
    [
      'a tool that reads',
      'callWriteTool',
      { tool: 'getJiraIssue', site: 'eng', arguments: {} },
      'Invalid arguments: getJiraIssue only reads here; use callReadTool',
    ],
    [
      'an action that writes',
      'callReadTool',
      { tool: 'bitbucketPullRequest', site: 'ops', arguments: { action: 'merge' } },
      'Invalid arguments: bitbucketPullRequest does not only read here; use callWriteTool',
    ],
    [
      'an unknown tool',
      'callReadTool',
      { tool: 'frobnicate', site: 'eng', arguments: {} },
      'Unknown tool: frobnicate',
    ],
    [
      'a forbidden tool, in the same words',
      'callWriteTool',
      { tool: 'deleteJiraIssue', site: 'eng', arguments: {} },
      'Unknown tool: deleteJiraIssue',
    ],
    [
      'a tool that policy hides at one site',
      'callWriteTool',
      { tool: 'editJiraIssue', site: 'eng', arguments: {} },
      'Invalid arguments: eng does not offer editJiraIssue; one of ops, 33333333',
    ],
    [
      'no site',
      'callReadTool',
      { tool: 'getJiraIssue', arguments: { issueIdOrKey: 'ENG-1' } },
      'Missing argument: site; one of eng, ops, 33333333',
    ],
    [
      'two sites',
      'callReadTool',
      { tool: 'ops__getJiraIssue', site: 'eng', arguments: {} },
      'Invalid arguments: "site" "eng" is not the site that ops__getJiraIssue says, ops',
    ],
    ['itself', 'callReadTool', { tool: 'callReadTool', arguments: {} }, 'Unknown tool: callReadTool'],
    [
      'a tool of Switchyard’s own',
      'callReadTool',
      { tool: 'switchyard_sites', arguments: {} },
      'Unknown tool: switchyard_sites',
    ],
  ])('is refused for %s, and nothing is sent', async (_, name, args, message) => {
    expect(await refusal(name, args, LEAN)).toBe(message);
    expect(sent()).toEqual([]);
  });

  it('counts as a call of the tool that it runs', async () => {
    const args = { tool: 'searchJiraIssuesUsingJql', site: 'eng', arguments: { jql: 'order by created' } };
    const { body } = await estate.call('callReadTool', args, { path: LEAN });
    const metrics = await (await fetch(`${estate.switchyard.adminUrl}/metrics`)).text();

    expect(JSON.stringify(body.result)).toContain('ENG-');
    expect(sent()).toEqual([['searchJiraIssuesUsingJql', CLOUD_IDS.eng]]);
    expect(metrics).toMatch(/tool_calls_total\{site="eng",product="jira",access="read",outcome="ok"\} [1-9]/);
  });

  it('may read by a tool that can also write', async () => {
    const args = { tool: 'bitbucketPullRequest', site: 'ops', arguments: { action: 'list' } };

    expect(await refusal('callReadTool', args, LEAN)).toBeUndefined();
  });

  it('finds and describes what this caller may use, and nothing else', async () => {
    const asBob = { path: LEAN, as: CREDENTIALS.bob };
    const found = await estate.call('findTools', { query: 'edit issue', limit: 50 }, asBob);
    const tools = found.body.result?.structuredContent?.['tools'] as { sites: string[] }[];
    const described = await estate.call(
      'describeTool',
      { tool: 'editJiraIssue', site: 'eng' },
      { path: LEAN },
    );

    expect(new Set(tools.flatMap(({ sites }) => sites))).toEqual(new Set(['ops']));
    expect(described.body.error?.message).toBe(
      'Invalid arguments: eng does not offer editJiraIssue; one of ops, 33333333',
    );
    expect(await refusal('describeTool', { tool: 'deleteJiraIssue' }, LEAN)).toBe(
      'Unknown tool: deleteJiraIssue',
    );
    expect(await refusal('findTools', { query: 'x', site: 'nope' }, LEAN)).toMatch(
      /no site here; one of eng, ops, 33333333$/,
    );
  });

  it('is no way around a read-only URL', async () => {
    const args = { tool: 'createJiraIssue', site: 'eng', arguments: {} };

    expect(await refusal('callWriteTool', args, `${LEAN}&readonly=true`)).toBe(
      'Unknown tool: createJiraIssue',
    );
  });
});
