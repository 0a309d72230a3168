import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { V1_NAMES, parseToolList, type Resolution, type ToolIndex } from '../src/index.ts';
import { type Call, callAt, estateOf } from './fixture.ts';

/** A list of tools by name with the arguments that they take; those with `!` are required. */
function site(tools: Readonly<Record<string, string>>): ToolIndex {
  const definitions = Object.entries(tools).map(([name, args]) => {
    const names = ['cloudId!', ...args.split(' ').filter((each) => each !== '')];
    const properties = Object.fromEntries(names.map((each) => [each.replace('!', ''), {}]));
    const required = names.filter((each) => each.endsWith('!')).map((each) => each.replace('!', ''));
    return { name, inputSchema: { type: 'object', properties, required } };
  });
  return parseToolList(JSON.stringify(definitions));
}

const V2 = site({
  listJiraProjects: 'searchString action startAt maxResults',
  listConfluenceComments: 'contentId!',
  getConfluenceContent: 'contentId! format',
  createJiraIssue: 'projectKey! issueType! summary!',
  createConfluenceContent: 'contentType! body',
  addOrEditJiraIssueComment: 'issueIdOrKey! commentBody! commentId',
});
const V1 = site({
  getVisibleJiraProjects: 'searchString maxResults expandIssueTypes',
  createJiraIssue: 'projectKey! issueTypeName! summary!',
  getConfluencePageFooterComments: 'pageId!',
  getConfluencePageInlineComments: 'pageId!',
});
const estate = estateOf({ products: { jira: 'write', confluence: 'read' } });

function call(index: ToolIndex, name: string, args: Call['args'] = {}): Resolution {
  return callAt(estate, { name: `eng__${name}`, args, index });
}

it('the table knows every v1 tool that v2 does not have, and no other', () => {
  const file = new URL('../../../apps/rovo-emulator/data/rovo-tools.json', import.meta.url);
  const rows = JSON.parse(readFileSync(file, 'utf8')) as { generation: string; name: string }[];
  const namesOf = (wanted: string): string[] =>
    rows.filter(({ generation }) => generation === wanted).map(({ name }) => name);
  const v2 = new Set(namesOf('v2'));

  expect([...V1_NAMES.keys()].toSorted()).toEqual(
    namesOf('v1')
      .filter((name) => !v2.has(name))
      .toSorted(),
  );
  expect([...V1_NAMES.values()].filter((name) => name !== undefined && !v2.has(name))).toEqual([]);
});

describe('a name that a site does not have', () => {
  it.each([
    ['an unheard-of name', V2, 'getEverything', {}],
    ['one whose successor is not there either', V2, 'searchConfluenceUsingCql', { cql: 'x' }],
    ['one whose successor policy forbids', V2, 'createConfluencePage', { spaceId: '1', body: 'x' }],
    ['one that two became', V1, 'listConfluenceComments', { contentId: '1' }],
    ['a name of every object', V2, 'constructor', {}],
  ])('is plainly unknown: %s', (_name, index, name, args) => {
    expect(call(index, name, args)).toEqual({ kind: 'unknown', name: `eng__${name}`, reason: 'unknown' });
  });

  it.each([
    [
      'arguments that it does not know',
      V2,
      'getVisibleJiraProjects',
      { expandIssueTypes: true },
      'listJiraProjects',
    ],
    [
      'a required argument that is missing',
      V2,
      'addCommentToJiraIssue',
      { issueIdOrKey: 'A-1' },
      'addOrEditJiraIssueComment',
    ],
    [
      'arguments of another kind',
      V2,
      'getConfluencePageFooterComments',
      { pageId: '1' },
      'listConfluenceComments',
    ],
  ])('is told its successor, with %s', (_name, index, name, args, now) => {
    expect(call(index, name, args)).toEqual({
      kind: 'unknown',
      name: `eng__${name}`,
      reason: 'unknown',
      now: `eng__${now}`,
    });
  });

  it.each([
    [
      'v1 name, v2 site',
      V2,
      'getVisibleJiraProjects',
      { searchString: 'x' },
      'listJiraProjects',
      { searchString: 'x' },
    ],
    [
      'v2 name, v1 site',
      V1,
      'listJiraProjects',
      { maxResults: 3 },
      'getVisibleJiraProjects',
      { maxResults: 3 },
    ],
    [
      'renamed argument',
      V2,
      'getConfluencePage',
      { pageId: '1' },
      'getConfluenceContent',
      { contentId: '1' },
    ],
    [
      'a write',
      V2,
      'addCommentToJiraIssue',
      { issueIdOrKey: 'A-1', commentBody: 'x' },
      'addOrEditJiraIssueComment',
      { issueIdOrKey: 'A-1', commentBody: 'x' },
    ],
  ])('simply works where the arguments are the same: %s', (_name, index, name, args, tool, sent) => {
    const resolution = call(index, name, args);

    expect(resolution).toMatchObject({ kind: 'call', tool });
    expect(argumentsOf(resolution)).toMatchObject(sent);
    expect(Object.keys(argumentsOf(resolution))).toHaveLength(Object.keys(sent).length + 1);
  });

  it('is judged as the tool that runs', () => {
    const readOnly = estateOf({ products: { jira: 'read' } });
    const args = { issueIdOrKey: 'A-1', commentBody: 'x' };
    const resolution = callAt(readOnly, { name: 'eng__addCommentToJiraIssue', args, index: V2 });

    expect(resolution).toEqual({ kind: 'unknown', name: 'eng__addCommentToJiraIssue', reason: 'access' });
  });
});

describe('an argument of the other generation', () => {
  it.each([
    ['v1 at a v2 site', V2, 'issueTypeName', 'issueType'],
    ['v2 at a v1 site', V1, 'issueType', 'issueTypeName'],
  ])('gets the name that the site knows: %s', (_name, index, given, sent) => {
    const args = { projectKey: 'A', [given]: 'Bug', summary: 'x' };

    expect(argumentsOf(call(index, 'createJiraIssue', args))).toMatchObject({
      projectKey: 'A',
      [sent]: 'Bug',
    });
    expect(argumentsOf(call(index, 'createJiraIssue', args))).not.toHaveProperty(given);
  });

  it('stays where both are given, or the site knows it', () => {
    const both = { projectKey: 'A', issueTypeName: 'Bug', issueType: 'Task', summary: 'x' };

    expect(argumentsOf(call(V2, 'createJiraIssue', both))).toMatchObject(both);
  });

  it('that is there twice is refused as ever', () => {
    const argsText = '{"issueTypeName":"Bug","issueTypeName":"Task","projectKey":"A","summary":"x"}';

    expect(callAt(estate, { name: 'eng__createJiraIssue', argsText, index: V2 })).toMatchObject({
      kind: 'invalid',
    });
  });
});

it('a withheld tool is not run inside an envelope either', () => {
  const index = { ...site({ executeRead: 'name! inputs' }), withheld: new Set(['getJiraIssue']) };
  const inside = (name: string): Resolution =>
    call(index, 'executeRead', { name, inputs: { issueIdOrKey: 'A-1' } });

  expect(inside('getJiraIssue')).toMatchObject({
    kind: 'unknown',
    name: 'getJiraIssue',
  });
  expect(inside('listJiraStatuses')).toMatchObject({ kind: 'call' });
});

function argumentsOf(resolution: Resolution): Record<string, unknown> {
  return resolution.kind === 'call' ? (JSON.parse(resolution.argumentsText) as Record<string, unknown>) : {};
}
