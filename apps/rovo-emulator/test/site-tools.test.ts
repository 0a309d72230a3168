import { describe, expect, it } from 'vitest';

import {
  ALPHA,
  BETA,
  type Called,
  type Client,
  type Json,
  listOf,
  startClient,
  textAt,
} from './emulator-client.ts';

const V1 = { path: '/v1/mcp' };

async function jql(client: Client, query: string, more: object = {}): Promise<Called> {
  return client.call('searchJiraIssuesUsingJql', { cloudId: ALPHA, jql: query, ...more });
}

async function allIssues(client: Client, cloudId: string): Promise<Called> {
  return client.call('searchJiraIssuesUsingJql', { cloudId, jql: 'ORDER BY key', maxResults: 20 });
}

function keysOf(data: Json | undefined): string[] {
  return listOf(data?.['issues']).map((issue) => textAt(issue['key']));
}

describe('arguments', () => {
  it.each([
    [
      'v1 refuses unknown ones',
      V1,
      { cloudId: ALPHA, issueIdOrKey: 'ENG-1', site: 'x' },
      'unrecognized key "site"',
    ],
    ['v1 asks for missing ones', V1, { cloudId: ALPHA }, 'issueIdOrKey is required'],
    ['v2 asks for a missing cloudId', {}, { issueIdOrKey: 'ENG-1' }, 'cloudId is required'],
    ['types are checked', {}, { cloudId: ALPHA, issueIdOrKey: 7 }, 'issueIdOrKey must be of type string'],
    [
      'enums are checked',
      {},
      { cloudId: ALPHA, issueIdOrKey: 'ENG-1', view: 'x' },
      'view must be one of compact',
    ],
    [
      'an unknown issue is not found',
      {},
      { cloudId: ALPHA, issueIdOrKey: 'ENG-999' },
      'Issue does not exist',
    ],
  ])('%s', async (_what, options, args, text) => {
    const client = await startClient();

    const called = await client.call('getJiraIssue', args, options);

    expect(called.isError).toBe(true);
    expect(called.text).toContain(text);
  });

  it('v2 drops unknown ones without a word', async () => {
    const client = await startClient();

    const called = await client.call('getJiraIssue', {
      cloudId: ALPHA,
      issueIdOrKey: 'eng-1',
      issueTypeName: 'Bug',
    });

    expect(called.data?.['key']).toBe('ENG-1');
  });

  it.each([V1, {}])('search without a cloudId fails at %j', async (options) => {
    const client = await startClient();

    const called = await client.call('search', { query: 'login' }, options);

    expect(called.isError).toBe(true);
    expect(called.text).toContain('cloudId is required');
  });
});

describe('execute tools', () => {
  it.each([
    ['executeRead', 'createJiraIssueLink', 'use executeWrite'],
    ['executeWrite', 'listJiraProjects', 'use executeRead'],
    ['executeRead', 'noSuchTool', 'Operation not found: noSuchTool'],
    ['executeRead', 'executeRead', 'name is required'],
    ['executeRead', 'deleteJiraIssue', 'Operation not found'],
  ])('%s refuses %s', async (executor, name, text) => {
    const client = await startClient();

    const called = await client.call(executor, { name, cloudId: ALPHA, inputs: {} });

    expect([called.isError, called.text.includes(text)]).toEqual([true, true]);
  });

  it('are the only way to a deferred tool', async () => {
    const client = await startClient();

    const direct = await client.call('listJiraProjects', { cloudId: BETA });
    const through = await client.call('executeRead', { name: 'listJiraProjects', cloudId: BETA });

    expect(direct.answer.json['error']).toEqual({ code: -32_602, message: 'Unknown tool: listJiraProjects' });
    expect(listOf(through.data?.['projects']).map((project) => project['key'])).toEqual(['OPS', 'INC']);
  });

  it('delete an issue once the group is on', async () => {
    const client = await startClient({
      settings: { permissionGroups: { delete_jira: true }, singleExecute: true },
    });
    const inputs = { issueIdOrKey: 'ENG-1' };

    const deleted = await client.call('execute', { name: 'deleteJiraIssue', cloudId: ALPHA, inputs });
    const gone = await client.call('getJiraIssue', { cloudId: ALPHA, ...inputs });

    expect(deleted.data).toEqual({ deleted: true, key: 'ENG-1' });
    expect(gone.isError).toBe(true);
  });

  it('echo what has no emulation of its own', async () => {
    const client = await startClient();

    const called = await client.call('executeRead', {
      name: 'getJiraBoardConfig',
      cloudId: ALPHA,
      inputs: { boardId: 1 },
    });

    expect(called.data).toEqual({
      emulated: true,
      tool: 'getJiraBoardConfig',
      cloudId: ALPHA,
      arguments: { boardId: 1, cloudId: ALPHA },
    });
  });
});

describe('Jira', () => {
  it.each([
    ['project = ENG AND status = "To Do" AND AND', "expecting a field but got 'AND'"],
    ['project = "ENG', 'cannot read'],
    ['colour = red', "Field 'colour' does not exist"],
    ['project = ENG ORDER BY colour', "Field 'colour' does not exist"],
    ['(project = ENG', "expecting ')'"],
  ])('refuses the query %s', async (query, text) => {
    const client = await startClient();

    const called = await jql(client, query);

    expect([called.isError, called.text.includes(text)]).toEqual([true, true]);
  });

  it.each([
    ['key = ENG-2', ['ENG-2']],
    ['key in (ENG-10, ENG-2, WEB-1) AND project != WEB ORDER BY key', ['ENG-2', 'ENG-10']],
    ['issuekey in (ENG-1, ENG-2) order by key desc', ['ENG-2', 'ENG-1']],
    ['key = ENG-1 OR key = WEB-1 AND project = ENG', ['ENG-1']],
    ['NOT project in (ENG, WEB) AND key < PLAT-3 ORDER BY key ASC', ['PLAT-1', 'PLAT-2']],
    ['project = ENG AND assignee is EMPTY ORDER BY key', ['ENG-5', 'ENG-10', 'ENG-15']],
    ['project = ENG AND labels is not empty AND key in (ENG-3, ENG-4)', ['ENG-4']],
    ['reporter = currentUser()', []],
  ])('finds by %s', async (query, keys) => {
    const client = await startClient();

    expect(keysOf((await jql(client, query)).data)).toEqual(keys);
  });

  it('pages with nextPageToken to the end', async () => {
    const client = await startClient();
    const seen: string[] = [];
    let token: Json | undefined;
    do {
      const more = token === undefined ? {} : { nextPageToken: token };
      const { data } = await jql(client, 'project = ENG ORDER BY key', { maxResults: 4, ...more });
      seen.push(...keysOf(data));
      token = data?.['nextPageToken'];
    } while (token !== undefined);

    expect(seen).toEqual(Array.from({ length: 15 }, (_, index) => `ENG-${index + 1}`));
  });

  it.each([
    ['no-token', 10, { isLast: false }],
    ['five', 5, { hasNextPage: false, remainingCount: 10 }],
  ] as const)('plays the paging bug %s', async (jqlPaging, count, shape) => {
    const client = await startClient({ settings: { jqlPaging } });

    const { data } = await jql(client, 'project = ENG', { maxResults: 10 });

    expect(keysOf(data)).toHaveLength(count);
    expect(data).toMatchObject(shape);
    expect(data).not.toHaveProperty('nextPageToken');
  });

  it('shows what was written: create, edit, comment, transition', async () => {
    const client = await startClient();
    const target = { cloudId: ALPHA, issueIdOrKey: 'ENG-16' };
    const fields = { labels: ['urgent'], priority: { name: 'High' } };

    const created = await client.call('createJiraIssue', {
      cloudId: ALPHA,
      projectKey: 'ENG',
      issueType: 'Bug',
      summary: 'Zebra crash',
    });
    await client.call('editJiraIssue', { ...target, fields });
    await client.call('addOrEditJiraIssueComment', { ...target, commentBody: 'On it' });
    await client.call('transitionJiraIssue', { ...target, transition: { id: '31' } });
    const found = await jql(
      client,
      'text ~ "zebra" AND status = Done AND labels = urgent AND updated > -1d',
      { view: 'evidence' },
    );

    expect(created.data?.['key']).toBe('ENG-16');
    expect(listOf(found.data?.['issues'])[0]).toMatchObject({
      key: 'ENG-16',
      summary: 'Zebra crash',
      issueType: 'Bug',
      priority: 'High',
      reporter: 'Alice Example',
      comments: [{ body: 'On it', author: 'Alice Example' }],
    });
  });

  it('works under the v1 names and shapes', async () => {
    const client = await startClient();
    const target = { cloudId: ALPHA, issueIdOrKey: 'ENG-16' };
    const description = { type: 'doc', content: [{ type: 'text', text: 'Tree' }] };
    const issue = { cloudId: ALPHA, projectKey: 'ENG', issueTypeName: 'Task', summary: 'Yak', description };

    await client.call('createJiraIssue', issue, V1);
    const comment = await client.call('addCommentToJiraIssue', { ...target, commentBody: 'one' }, V1);
    const commentId = textAt(comment.data?.['id']);
    await client.call('addCommentToJiraIssue', { ...target, commentBody: 'two', commentId }, V1);
    const read = await client.call('getJiraIssue', { ...target, fields: ['description', 'comment'] }, V1);
    const transitions = await client.call('getTransitionsForJiraIssue', target, V1);
    const projects = await client.call('getVisibleJiraProjects', { cloudId: ALPHA, searchString: 'eng' }, V1);

    expect(read.data?.['fields']).toMatchObject({
      description: 'Tree',
      comment: { total: 1, comments: [{ body: 'two' }] },
    });
    expect(Object.keys(read.data?.['fields'] ?? {})).toEqual(['description', 'comment']);
    expect(listOf(transitions.data?.['transitions'])).toHaveLength(3);
    expect(listOf(projects.data?.['values'])[0]?.['key']).toBe('ENG');
  });

  it.each([
    ['createJiraIssue', { projectKey: 'NOPE', issueType: 'Bug', summary: 'x' }, 'No project could be found'],
    [
      'transitionJiraIssue',
      { issueIdOrKey: 'ENG-1', transition: { id: '99' } },
      'not possible to transition',
    ],
    [
      'addOrEditJiraIssueComment',
      { issueIdOrKey: 'ENG-1', commentBody: 'x', commentId: '0' },
      'Can not find a comment',
    ],
  ])('%s fails believably', async (tool, args, text) => {
    const client = await startClient();

    const called = await client.call(tool, { cloudId: ALPHA, ...args });

    expect([called.isError, called.text.includes(text)]).toEqual([true, true]);
  });

  it('is the same on every run and different on every site', async () => {
    const [one, two] = [await startClient(), await startClient()];
    expect((await allIssues(one, ALPHA)).text).toBe((await allIssues(two, ALPHA)).text);
    expect((await allIssues(one, BETA)).text).not.toBe((await allIssues(one, ALPHA)).text);
  });

  it('pads issues by setting', async () => {
    const client = await startClient({ settings: { issuePaddingBytes: 50_000 } });

    expect(
      (await client.call('getJiraIssue', { cloudId: ALPHA, issueIdOrKey: 'ENG-1' })).text.length,
    ).toBeGreaterThan(50_000);
  });
});

describe('Confluence', () => {
  it('creates, updates and finds a page, and refuses a stale snapshot with E12', async () => {
    const client = await startClient();
    const spaces = await client.call('executeRead', { name: 'listConfluenceSpaces', cloudId: ALPHA });
    const spaceId = textAt(listOf(spaces.data?.['spaces'])[0]?.['id']);
    const body = { format: 'markdown', value: 'quokka' };

    const created = await client.call('createConfluenceContent', {
      cloudId: ALPHA,
      contentType: 'page',
      parent: { spaceId },
      title: 'New',
      body,
    });
    const update = {
      cloudId: ALPHA,
      contentId: textAt(created.data?.['contentId']),
      snapshotToken: created.data?.['snapshotToken'],
      title: 'Newer',
    };
    const updated = await client.call('updateConfluenceContent', update);
    const stale = await client.call('updateConfluenceContent', update);
    const found = await client.call('searchConfluence', {
      cloudId: ALPHA,
      cql: 'type = page AND text ~ "quokka"',
    });

    expect(updated.data).toMatchObject({ title: 'Newer', version: 2 });
    expect([stale.isError, stale.text]).toEqual([true, 'snapshot_stale']);
    expect(listOf(found.data?.['results']).map((page) => page['title'])).toEqual(['Newer']);
  });

  it('works under the v1 names and shapes', async () => {
    const client = await startClient();
    const spaces = await client.call('getConfluenceSpaces', { cloudId: ALPHA, keys: ['DOCS'] }, V1);
    const spaceId = textAt(listOf(spaces.data?.['results'])[0]?.['id']);

    const created = await client.call(
      'createConfluencePage',
      { cloudId: ALPHA, spaceId, title: 'P', body: 'one' },
      V1,
    );
    const pageId = textAt(created.data?.['id']);
    await client.call('updateConfluencePage', { cloudId: ALPHA, pageId, body: 'two' }, V1);
    const page = await client.call('getConfluencePage', { cloudId: ALPHA, pageId }, V1);
    const pages = await client.call('getPagesInConfluenceSpace', { cloudId: ALPHA, spaceId, limit: 2 }, V1);
    const found = await client.call(
      'searchConfluenceUsingCql',
      { cloudId: ALPHA, cql: 'space = DOCS and title ~ "guide"' },
      V1,
    );

    expect(page.data).toMatchObject({ title: 'P', body: 'two', version: { number: 2 } });
    expect(listOf(pages.data?.['results'])).toHaveLength(2);
    expect(pages.data?.['_links']?.['next']).toContain('cursor=');
    expect(listOf(found.data?.['results'])[0]?.['title']).toBe('Engineering Docs: On-call guide');
  });

  it.each([
    ['getConfluenceContent', { contentId: '1' }, 'No content found with id: 1'],
    ['searchConfluence', { cql: 'colour = red' }, 'Could not parse cql'],
    ['createConfluenceContent', { contentType: 'page', parent: { spaceId: '1' } }, 'parent must name'],
  ])('%s fails believably', async (tool, args, text) => {
    const client = await startClient();

    const called = await client.call(tool, { cloudId: ALPHA, ...args });

    expect([called.isError, called.text.includes(text)]).toEqual([true, true]);
  });
});

describe('Rovo search', () => {
  it('finds issues and pages, and fetches what it found', async () => {
    const client = await startClient();

    const found = await client.call('search', { cloudId: ALPHA, query: 'ENG-2' }, V1);
    const id = textAt(listOf(found.data?.['results'])[0]?.['id']);
    const fetched = await client.call('fetch', { cloudId: ALPHA, id }, V1);
    const missing = await client.call('fetch', { cloudId: ALPHA, id: 'x' }, V1);

    expect(id).toMatch(/^ari:cloud:jira:11111111-aaaa-4aaa-8aaa-000000000001:issue\/\d+$/);
    expect(fetched.data?.['title']).toContain('ENG-2');
    expect(missing.text).toBe('Invalid ARI: x');
  });

  it('is named searchAtlassian and fetchAtlassian by setting', async () => {
    const client = await startClient({ settings: { rovoNames: 'searchAtlassian' } });

    const names = await client.toolNames(V1);

    expect(names).toEqual(expect.arrayContaining(['searchAtlassian', 'fetchAtlassian']));
    expect(names).not.toContain('search');
  });
});
