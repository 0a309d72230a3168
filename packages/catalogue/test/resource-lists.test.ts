import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import type { ResourceLists, SiteEntry } from '../src/index.ts';
import { namingArguments, READINGS, type ResourceKind } from '../src/resources/named-resources.ts';
import { callAt, estateOf, indexOf } from './fixture.ts';

type Args = Record<string, unknown>;

function outcome(rules: Partial<SiteEntry>, tool: string, args: Args): string {
  const estate = estateOf({
    products: { jira: 'delete', confluence: 'delete', rovo: 'read', 'teamwork-graph': 'write' },
    ...rules,
  });
  const result = callAt(estate, {
    name: `eng__${tool}`,
    args,
    index: indexOf(tool, 'executeRead', 'executeWrite'),
  });
  return result.kind === 'invalid' ? result.message : result.kind;
}

const projects = (lists: ResourceLists) => (tool: string, args: Args) =>
  outcome({ projects: lists }, tool, args);
const spaces = (lists: ResourceLists) => (tool: string, args: Args) => outcome({ spaces: lists }, tool, args);

const NOT_AVAILABLE = (what: string) => `${what} is not available through this connector`;
const UNDECIDED = /^Invalid arguments: /;

/** Ways to name the project SEC. */
const INTO_SEC: readonly (readonly [tool: string, args: Args])[] = [
  ['getJiraIssue', { issueIdOrKey: 'SEC-1' }],
  ['getJiraIssue', { issueIdOrKey: ' sec-1 ' }],
  ['deleteJiraIssue', { issueIdOrKey: 'Sec-12' }],
  ['createJiraIssue', { projectKey: 'SEC' }],
  ['createJiraIssue', { projectKey: 'sec' }],
  ['createJiraIssue', { projectKey: 'ENG', PROJECTKEY: 'SEC' }],
  ['createJiraIssue', { projectKey: 'ENG', parent: 'SEC-1' }],
  ['createJiraIssue', { projectKey: 'ENG', parent: { key: 'SEC-1' } }],
  ['createJiraIssue', { projectKey: 'ENG', additional_fields: { project: { key: 'SEC' } } }],
  ['editJiraIssue', { issueIdOrKey: 'ENG-1', fields: { project: { key: 'SEC' } } }],
  ['editJiraIssue', { issueIdOrKey: 'ENG-1', fields: { parent: { key: 'SEC-4' } } }],
  [
    'transitionJiraIssue',
    { issueIdOrKey: 'ENG-1', update: { issuelinks: [{ add: { outwardIssue: { key: 'SEC-1' } } }] } },
  ],
  ['createJiraIssueLink', { inwardIssue: 'ENG-1', outwardIssue: 'SEC-1' }],
  ['listJiraBoards', { projectKeyOrId: 'SEC' }],
  ['createJiraProject', { key: 'SEC', name: 'Security' }],
  ['getJiraProjectVersions', { projectIdOrKey: 'SEC' }],
];

/** What names no project that can be known. */
const NOWHERE_KNOWN: readonly (readonly [tool: string, args: Args])[] = [
  ['getJiraIssue', { issueIdOrKey: '10001' }],
  ['getJiraIssue', { issueIdOrKey: 10001 }],
  ['getJiraIssue', { issueIdOrKey: 'https://x.atlassian.net/browse/ENG-1' }],
  ['getJiraIssue', { issueIdOrKey: ['ENG-1', '10001'] }],
  ['createJiraIssue', { projectKey: '10000' }],
  ['createJiraIssue', { projectKey: 'ENG OPS' }],
  ['createJiraIssue', { projectKey: { name: 'Engineering' } }],
  ['editJiraIssue', { issueIdOrKey: 'ENG-1', fields: { project: { id: '10000' } } }],
  ['editJiraIssue', { issueIdOrKey: 'ENG-1', fields: { project: { key: 'ENG', id: '10000' } } }],
  ['editJiraIssue', { issueIdOrKey: 'ENG-1', fields: { parent: { id: '10044' } } }],
];

describe('an allow list of projects', () => {
  const call = projects({ allow: ['ENG', 'OPS'] });

  it.each(INTO_SEC)('keeps %s out of another one: %j', (tool, args) => {
    expect(call(tool, args)).toBe(NOT_AVAILABLE('Project SEC'));
  });

  it('tells an absent project and a forbidden one in the same words', () => {
    expect(call('createJiraIssue', { projectKey: 'NOPE' })).toBe(NOT_AVAILABLE('Project NOPE'));
  });

  it.each([
    ...NOWHERE_KNOWN,
    ['getJiraIssue', {}],
    ['listJiraBoards', {}],
    ['createJiraIssue', { projectkey: 'ENG' }],
  ] as const)('refuses %s with what it cannot decide, and says so (I12): %j', (tool, args) => {
    expect(call(tool, args)).toMatch(UNDECIDED);
  });

  it.each([
    'getVisibleJiraProjects',
    'getJiraBoardIssueData',
    'downloadJiraIssueAttachment',
    'search',
    'fetch',
    'getTeamworkGraphObject',
    'frobnicateJira',
  ])('hides %s, which cannot say its project', (tool) => {
    expect(call(tool, { issueIdOrKey: 'ENG-1', query: 'x' })).toBe('unknown');
  });

  it.each([
    ['getJiraIssue', { issueIdOrKey: 'ENG-1' }],
    ['getJiraIssue', { issueIdOrKey: 'eng-1' }],
    ['createJiraIssue', { projectKey: 'OPS', parent: 'ENG-1', additional_fields: { labels: ['SEC-1'] } }],
    ['createJiraIssue', { projectKey: 'OPS', summary: 'about SEC-1', description: { project: 'SEC' } }],
    ['getIssueLinkTypes', {}],
    ['lookupJiraAccountId', { searchString: 'a' }],
    ['getConfluencePage', { pageId: '1' }],
  ] as const)('lets %s through: %j', (tool, args) => {
    expect(call(tool, args)).toBe('call');
  });

  it('may name ids and globs', () => {
    const listed = projects({ allow: ['10000', 'TEAM-*', 'T?'] });

    expect(listed('createJiraIssue', { projectKey: '10000' })).toBe('call');
    expect(listed('createJiraIssue', { projectKey: 'T1' })).toBe('call');
    expect(listed('createJiraIssue', { projectKey: 'TX1' })).toBe(NOT_AVAILABLE('Project TX1'));
  });

  it('that leaves nothing hides what would need a project (I2)', () => {
    for (const lists of [{ allow: [] }, { allow: ['ENG'], deny: ['*'] }, { allow: ['10000'] }])
      expect(projects(lists)('getJiraIssue', { issueIdOrKey: 'ENG-1' })).toBe('unknown');
  });

  it('holds inside an envelope', () => {
    expect(call('executeRead', { name: 'getJiraIssue', inputs: { issueIdOrKey: 'ENG-1' } })).toBe('call');
    expect(call('executeRead', { name: 'getJiraIssue', inputs: { issueIdOrKey: 'SEC-1' } })).toBe(
      NOT_AVAILABLE('Project SEC'),
    );
    expect(call('executeRead', { name: 'search', inputs: { query: 'x' } })).toBe('unknown');
  });
});

describe('a deny list of projects', () => {
  const call = projects({ deny: ['sec', 'HR*'] });

  it.each(INTO_SEC)('refuses %s: %j', (tool, args) => {
    expect(call(tool, args)).toBe(NOT_AVAILABLE('Project SEC'));
  });

  it.each(NOWHERE_KNOWN)('asks %s for a key where it could be one: %j', (tool, args) => {
    expect(call(tool, args)).toMatch(UNDECIDED);
  });

  it.each([
    ['getJiraIssue', { issueIdOrKey: 'ENG-1' }],
    ['getJiraBoardIssueData', { boardId: '7' }],
    ['search', { query: 'sec' }],
  ] as const)('is best effort: %s goes through with %j', (tool, args) => {
    expect(call(tool, args)).toBe('call');
  });
});

describe('a read-only list of projects', () => {
  const call = projects({ readOnly: ['ENG'] });

  it('refuses writes into it, and nothing else', () => {
    expect(call('editJiraIssue', { issueIdOrKey: 'ENG-1' })).toBe(
      'Project ENG can only be read through this connector',
    );
    expect(call('deleteJiraIssue', { issueIdOrKey: 'ENG-1' })).toContain('can only be read');
    expect(call('getJiraIssue', { issueIdOrKey: 'ENG-1' })).toBe('call');
    expect(call('getJiraIssue', { issueIdOrKey: '10001' })).toBe('call');
    expect(call('searchJiraIssuesUsingJql', { jql: 'assignee = me' })).toBe('call');
    expect(call('editJiraIssue', { issueIdOrKey: 'OPS-1' })).toBe('call');
    expect(call('editJiraIssue', { issueIdOrKey: '10001' })).toMatch(UNDECIDED);
  });

  it('hides a tool that could only write there, when it is all there is (I2)', () => {
    const all = projects({ allow: ['ENG'], readOnly: ['ENG'] });

    expect(all('editJiraIssue', { issueIdOrKey: 'ENG-1' })).toBe('unknown');
    expect(all('getJiraIssue', { issueIdOrKey: 'ENG-1' })).toBe('call');
  });
});

describe('lists of spaces', () => {
  const fence = spaces({ allow: ['DOC', '65538'] });

  it.each([
    ['getConfluenceSpace', { spaceIdOrKey: 'HR' }, NOT_AVAILABLE('Space HR')],
    ['getConfluenceSpaces', { keys: ['DOC', 'HR'] }, NOT_AVAILABLE('Space HR')],
    ['getConfluenceSpaces', { keys: 'DOC,HR' }, NOT_AVAILABLE('Space HR')],
    ['getPagesInConfluenceSpace', { spaceId: '777' }, NOT_AVAILABLE('Space 777')],
    ['getPagesInConfluenceSpace', { spaceId: 777 }, NOT_AVAILABLE('Space 777')],
    ['createConfluenceContent', { parent: { spaceId: '777' } }, NOT_AVAILABLE('Space 777')],
    ['watchConfluenceSpace', { spaceKey: '~alice' }, NOT_AVAILABLE('Space ~ALICE')],
    ['getConfluencePage', { pageId: '1' }, 'unknown'],
    ['updateConfluencePage', { pageId: '1', spaceId: '65538' }, 'unknown'],
    ['search', { query: 'x' }, 'unknown'],
    ['getJiraIssue', { issueIdOrKey: 'SEC-1' }, 'call'],
    ['getConfluenceSpace', { spaceIdOrKey: 'doc' }, 'call'],
    ['getPagesInConfluenceSpace', { spaceId: '65538' }, 'call'],
    ['createConfluenceContent', { parent: { spaceId: '65538' } }, 'call'],
    ['getContentFormatGuide', { toolName: 'x' }, 'call'],
  ] as const)('fence %s %j', (tool, args, expected) => {
    expect(fence(tool, args)).toBe(expected);
  });

  it('refuse a parent that may lie elsewhere', () => {
    const args = { parent: { spaceId: '65538', parentContentId: '9' } };

    expect(fence('createConfluenceContent', args)).toMatch(UNDECIDED);
    expect(spaces({ deny: ['HR'] })('createConfluenceContent', args)).toBe('call');
  });

  it('refuse what names a denied one, and are best effort for pages', () => {
    const call = spaces({ deny: ['HR', '777'] });

    expect(call('getConfluenceSpace', { spaceIdOrKey: 'hr' })).toBe(NOT_AVAILABLE('Space HR'));
    expect(call('getPagesInConfluenceSpace', { spaceId: '777' })).toBe(NOT_AVAILABLE('Space 777'));
    expect(call('getConfluencePage', { pageId: '1' })).toBe('call');
  });
});

describe('the table of arguments that name a project or space', () => {
  interface Row {
    readonly name: string;
    readonly product: string;
    readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> };
  }
  const rows = JSON.parse(
    readFileSync(new URL('../../../apps/rovo-emulator/data/rovo-tools.json', import.meta.url), 'utf8'),
  ) as Row[];

  /** A page by its id decides where it lies; the space beside it does not. Others name it as a created key or a place. */
  const EXCEPT = [
    'updateConfluencePage',
    'createJiraProject',
    'createConfluenceSpace',
    'createConfluenceContent',
  ];

  it.each([
    ['project', 'jira'],
    ['space', 'confluence'],
  ] as const)('has every tool with an argument that says its %s', (kind: ResourceKind, product) => {
    const own = rows.filter((row) => row.product === product && !EXCEPT.includes(row.name));
    const wrong = own.filter(({ name, inputSchema }) => {
      const named = Object.keys(inputSchema.properties ?? {}).filter((key) => {
        const reading = READINGS[kind][key.toLowerCase()];
        return reading !== undefined && reading !== 'elsewhere' && key !== 'parent';
      });
      const missing = named.filter((key) => !namingArguments(kind, name).includes(key));
      return missing.length > 0 || (named.length === 0 && namingArguments(kind, name).length > 0);
    });

    expect(wrong.map(({ name }) => name)).toEqual([]);
    expect(own.length).toBeGreaterThan(50);
  });
});
