import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CLOUD_IDS, type Estate, said, startEstate } from './estate.ts';

let estate: Estate;
beforeAll(async () => {
  estate = await startEstate({
    sites: [
      {
        name: 'eng',
        alias: 'eng',
        path: '/v2/mcp',
        more: 'products: { jira: write }\ntools: { deny: ["editJira*"] }',
      },
      {
        name: 'ops',
        alias: 'ops',
        path: '/v1/mcp',
        more: 'products: { jira: write, bitbucket: read, confluence: read }',
      },
      { name: 'labs', alias: 'labs', path: '/v2/mcp' },
    ],
  });
});
afterAll(() => estate.close());

const UNKNOWN = (name: string) => ({ code: -32_602, message: `Unknown tool: ${name}` });

function calls(tool: string): number {
  return estate.emulator.control.requests().filter((request) => request.tool === tool).length;
}

describe('a tool that a filter removes', () => {
  it.each(['eng__editJiraIssue', '11111111__editJiraIssue', `${CLOUD_IDS.eng}__editJiraIssue`])(
    'is neither listed nor callable as %s, and looks like one that does not exist',
    async (name) => {
      const { names } = await estate.list();
      const forbidden = await estate.call(name, { issueIdOrKey: 'ENG-1', fields: {} });
      const absent = await estate.call('eng__noSuchTool');
      expect(names).not.toContain('eng__editJiraIssue');
      expect(forbidden.body.error).toEqual(UNKNOWN(name));
      expect(absent.body.error).toEqual(UNKNOWN('eng__noSuchTool'));
    },
  );

  it.each([
    [
      'executeWrite',
      { name: 'editJiraIssue', inputs: { issueIdOrKey: 'ENG-1', fields: {} } },
      'editJiraIssue',
    ],
    ['executeWrite', { name: 'createConfluenceContent', inputs: {} }, 'createConfluenceContent'],
    ['executeRead', { name: 'getConfluenceContent', inputs: {} }, 'getConfluenceContent'],
    ['executeRead', { name: 'createJiraIssue', inputs: {} }, 'createJiraIssue'],
    ['executeWrite', { name: 'deleteJiraIssue', inputs: { issueIdOrKey: 'ENG-1' } }, 'deleteJiraIssue'],
    [
      'executeWrite',
      { name: 'executeDestructive', inputs: { name: 'deleteJiraIssue' } },
      'executeDestructive',
    ],
    ['executeWrite', { name: 'toolOfTomorrow', inputs: {} }, 'toolOfTomorrow'],
    ['executeWrite', { name: 'EditJiraIssue', inputs: {} }, 'EditJiraIssue'],
    ['executeWrite', { name: 'createjiraissue', inputs: {} }, 'createjiraissue'],
    ['executeWrite', { name: 'createJiraIssue ', inputs: {} }, 'createJiraIssue '],
  ])('is not callable through %s: %o', async (envelope, args, inner) => {
    estate.emulator.control.clearRequests();
    const { body } = await estate.call(`eng__${envelope}`, args);
    expect(body.error).toEqual(UNKNOWN(inner));
    expect(calls(envelope) + calls(inner)).toBe(0);
  });

  it('what is allowed goes through the envelope', async () => {
    const response = await estate.call('eng__executeRead', { name: 'listJiraProjects', inputs: {} });
    expect(JSON.stringify(said(response))).toContain('ENG');
  });

  it('an envelope that nothing may be run with is not listed', async () => {
    const { names } = await estate.list();
    expect(names).toContain('eng__executeWrite');
    expect(names.filter((name) => name.endsWith('executeDestructive'))).toEqual([]);
  });
});

describe('a v1 tool with actions', () => {
  it('may do what reads and not what writes', async () => {
    estate.emulator.control.clearRequests();
    const read = await estate.call('ops__bitbucketPullRequest', {
      action: 'list',
      workspaceId: 'w',
      repoId: 'r',
    });
    const write = await estate.call('ops__bitbucketPullRequest', {
      action: 'merge',
      workspaceId: 'w',
      repoId: 'r',
    });
    expect(read.body.result?.isError ?? false).toBe(false);
    expect(write.body.error?.code).toBe(-32_602);
    expect(write.body.error?.message).toMatch(/"merge".*available: list, get, comments, diff, listTasks$/);
    expect(calls('bitbucketPullRequest')).toBe(1);
  });
});

describe('a cloudId in the arguments', () => {
  it.each([
    CLOUD_IDS.eng,
    CLOUD_IDS.eng.toUpperCase(),
    'https://alpha-eng.atlassian.net',
    'https://alpha-eng.atlassian.net/',
    'eng',
  ])('%s means the site that the name says, and is sent as its UUID', async (cloudId) => {
    const { body } = await estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1', cloudId });
    expect(body.error).toBeUndefined();
    expect(estate.emulator.control.requests().at(-1)?.arguments).toMatchObject({ cloudId: CLOUD_IDS.eng });
  });

  it.each([
    ['another UUID', 'eng__getJiraIssue', { issueIdOrKey: 'OPS-1', cloudId: CLOUD_IDS.ops }],
    [
      'another URL',
      'eng__getJiraIssue',
      { issueIdOrKey: 'OPS-1', cloudId: 'https://beta-ops.atlassian.net' },
    ],
    ['another alias', 'eng__getJiraIssue', { issueIdOrKey: 'OPS-1', cloudId: 'ops' }],
    ['a number', 'eng__getJiraIssue', { cloudId: 7 }],
    ['another key case', 'eng__getJiraIssue', { CLOUDID: CLOUD_IDS.ops }],
    ['inside inputs', 'eng__executeRead', { name: 'listJiraProjects', inputs: { cloudId: CLOUD_IDS.ops } }],
    ['an ARI', 'eng__getJiraIssue', { issueIdOrKey: `ari:cloud:jira:${CLOUD_IDS.ops}:issue/1` }],
  ])('that contradicts the name is refused: %s', async (_, name, args) => {
    estate.emulator.control.clearRequests();
    const { body } = await estate.call(name, args);
    expect(body.error?.code).toBe(-32_602);
    expect(body.error?.message).toMatch(/eng/);
    expect(estate.emulator.control.requests()).toEqual([]);
  });

  it('cannot be slipped in by giving the key twice', async () => {
    const args = `{"cloudId":"${CLOUD_IDS.ops}","issueIdOrKey":"OPS-1","cloudId":"${CLOUD_IDS.eng}"}`;
    const response = await fetch(`${estate.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('alice@demo.example:demo-alice-token').toString('base64')}`,
        'content-type': 'application/json',
      },
      body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"eng__getJiraIssue","arguments":${args}}}`,
    });
    expect(await response.text()).toContain('is given twice');
  });
});
