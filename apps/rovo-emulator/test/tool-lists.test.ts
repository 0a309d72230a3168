import { describe, expect, it } from 'vitest';

import type { EmulatedAccount } from '../src/index.ts';
import { ALICE, ALPHA, basic, listOf, startClient, textAt } from './emulator-client.ts';

const ACCOUNTS: readonly EmulatedAccount[] = [
  {
    accountId: 'a',
    email: 'a@x.example',
    name: 'A',
    sites: [ALPHA],
    credentials: [
      { kind: 'api-token', secret: 'all' },
      {
        kind: 'api-token',
        secret: 'jira-read',
        scopes: ['read:me', 'read:account', 'read:jira-work', 'read:jira:agent-interface'],
      },
      { kind: 'oauth', secret: 'consented', boundCloudId: ALPHA },
    ],
  },
];

describe('v1', () => {
  it('lists everything on one page, with search and never searchAtlassian', async () => {
    const client = await startClient();

    const answer = await client.rpc('tools/list', {}, { path: '/v1/mcp' });
    const names = listOf(answer.json['result']?.['tools']).map((tool) => tool['name']);

    expect(answer.json['result']).not.toHaveProperty('nextCursor');
    expect(names).toEqual(
      expect.arrayContaining(['search', 'fetch', 'getJsmOpsAlerts', 'bitbucketPipeline']),
    );
    expect(names).not.toContain('searchAtlassian');
  });

  it.each([
    ['api token', basic('a@x.example', 'all'), 'getJsmOpsAlerts', 'getCompassComponent'],
    ['OAuth token', 'Bearer consented', 'getCompassComponent', 'getJsmOpsAlerts'],
  ])('with an %s lists %s and hides the other mode', async (_what, auth, shown, hidden) => {
    const client = await startClient({ accounts: ACCOUNTS });

    const names = await client.toolNames({ path: '/v1/mcp', auth });

    expect(names).toContain(shown);
    expect(names).not.toContain(hidden);
  });

  it.each([
    ['READ_JIRA', ['getJiraIssue'], ['createJiraIssue', 'searchJiraIssuesUsingJql', 'search']],
    ['SEARCH_ATLASSIAN,WRITE_JIRA', ['search', 'createJiraIssue'], ['getJiraIssue']],
    ['READ_JSM', ['getJsmOpsAlerts'], ['updateJsmOpsAlert']],
    ['', ['atlassianUserInfo'], ['getJiraIssue']],
  ])('?capabilities=%s narrows', async (capabilities, shown, hidden) => {
    const client = await startClient();

    const names = await client.toolNames({ path: `/v1/mcp?capabilities=${capabilities}` });

    expect(names).toEqual(expect.arrayContaining(shown));
    for (const name of hidden) expect(names).not.toContain(name);
  });

  it('serves v2 tools after the switch of 2027', async () => {
    const client = await startClient({ settings: { v1ServesV2: true } });

    expect(await client.toolNames({ path: '/v1/mcp' })).toEqual(await client.toolNames());
  });
});

describe('v2', () => {
  it('lists primary tools, discover and three execute tools', async () => {
    const client = await startClient();

    const names = await client.toolNames();

    expect(names).toEqual(
      expect.arrayContaining([
        'getJiraIssue',
        'discover',
        'executeRead',
        'executeWrite',
        'executeDestructive',
      ]),
    );
    expect(names).not.toContain('execute');
    expect(names).not.toContain('listJiraProjects');
  });

  it('lists one execute tool by setting', async () => {
    const client = await startClient({ settings: { singleExecute: true } });

    const names = await client.toolNames();

    expect(names.filter((name) => name.startsWith('execute'))).toEqual(['execute']);
  });

  it('pages the flat list by 50 and never lists two names for one tool', async () => {
    const client = await startClient();
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const params = cursor === undefined ? {} : { cursor };
      const { json } = await client.rpc('tools/list', params, { path: '/v2/mcp?tools=all' });
      pages.push(listOf(json['result']?.['tools']).map((tool) => textAt(tool['name'])));
      const next = json['result']?.['nextCursor'];
      cursor = next === undefined ? undefined : textAt(next);
    } while (cursor !== undefined);
    const names = pages.flat();

    expect(pages.length).toBeGreaterThan(2);
    expect(pages.slice(0, -1).every((page) => page.length === 50)).toBe(true);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['discover', 'listJiraIssueAssignableUsers']));
    expect(names.filter((name) => /^execute|^findJira|^delete|^manageJira/.test(name))).toEqual([]);
  });

  it.each(['bm9wZQ', '', 7])('refuses the cursor %j', async (cursor) => {
    const client = await startClient();

    const { json } = await client.rpc('tools/list', { cursor }, { path: '/v2/mcp?tools=all' });

    expect(json['error']?.['code']).toBe(-32_602);
  });

  it('shows permission groups that are switched on', async () => {
    const client = await startClient();
    client.emulator.control.updateSettings({ permissionGroups: { delete_jira: true, read_jira: false } });

    const discovered = await client.call('discover', { query: 'delete' });
    const names = await client.toolNames();

    expect(discovered.text).toContain('deleteJiraIssue');
    expect(names).not.toContain('getJiraIssue');
  });
});

describe('the list of a caller', () => {
  it.each(['/v1/mcp', '/v2/mcp'])(
    'at %s is filtered by scopes, and a call outside them answers E5',
    async (path) => {
      const client = await startClient({ accounts: ACCOUNTS });
      const auth = basic('a@x.example', 'jira-read');

      const names = await client.toolNames({ path, auth });
      const called = await client.call('createJiraIssue', { cloudId: ALPHA }, { path, auth });

      expect(names).toContain('getJiraIssue');
      expect(names).not.toContain('createJiraIssue');
      expect(called.text).toContain('scope does not match');
    },
  );

  it('changes in one lane and stays in the others', async () => {
    const client = await startClient();
    const definition = { name: 'brandNew', description: 'New.', inputSchema: { type: 'object' }, icons: [1] };
    client.emulator.control.changeTools({
      generation: 'v2',
      lane: 'a',
      add: [definition],
      remove: ['search'],
      replace: [{ name: 'getJiraIssue', description: 'Changed.', inputSchema: { type: 'object' } }],
    });

    const { json } = await client.rpc('tools/list', {}, { path: '/a/v2/mcp' });
    const tools = listOf(json['result']?.['tools']);

    expect(tools.at(-1)).toEqual(definition);
    expect(tools.find((tool) => textAt(tool['name']) === 'getJiraIssue')?.['description']).toBe('Changed.');
    expect(tools.map((tool) => tool['name'])).not.toContain('search');
    expect(await client.toolNames()).toContain('search');
    const called = await client.call('brandNew', { x: 1 }, { path: '/a/v2/mcp' });
    expect(called.data).toMatchObject({ emulated: true, tool: 'brandNew' });
  });
});

describe('raw tools', () => {
  it('travel byte for byte, in the list and as a result', async () => {
    const definition =
      '{ "name":"raw" , "inputSchema":{"type":"object","x":1.0e2}, "a":1, "a":2, "u":"\\u00e9é" }';
    const result = '{ "content":[] , "big":12345678901234567890 }';
    const client = await startClient({ rawTools: [{ generation: 'v2', definition, result, atEnd: true }] });

    const listed = await client.rpc('tools/list', {});
    const called = await client.rpc('tools/call', { name: 'raw', arguments: {} });

    expect(listed.text.endsWith(`,${definition}]}}`)).toBe(true);
    expect(called.text).toBe(`{"jsonrpc":"2.0","id":7,"result":${result}}`);
  });

  it('come first by default', async () => {
    const raw = { generation: 'v1', definition: '{"name":"raw","inputSchema":{}}', result: '{}' } as const;
    const client = await startClient({ rawTools: [raw] });

    expect((await client.toolNames({ path: '/v1/mcp', auth: ALICE }))[0]).toBe('raw');
  });
});
