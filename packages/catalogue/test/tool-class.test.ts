import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { classify } from '../src/index.ts';
import { ACTIONS, DIRECTORY_TOOLS, ENVELOPES, WITHOUT_CLOUD_ID } from '../src/known-tools.ts';
import { classifyCall, knownToTakeCloudId } from '../src/tool-class.ts';
import { KNOWN_NAMES } from './fixture.ts';

interface Row {
  readonly name: string;
  readonly product: string;
  readonly access: string;
  readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> };
}

const rows = JSON.parse(
  readFileSync(new URL('../../../apps/rovo-emulator/data/rovo-tools.json', import.meta.url), 'utf8'),
) as Row[];

describe('the table of known tools', () => {
  it('names no tool twice', () => {
    const all = [...KNOWN_NAMES, ...Object.keys(ENVELOPES), ...DIRECTORY_TOOLS];

    expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
    expect(all.length).toBeGreaterThan(200);
  });

  it('says of every tool of the catalogue what the catalogue says', () => {
    const expected = rows.map(({ name, product, access }) => [
      name,
      product === 'meta' ? 'platform' : product,
      access,
    ]);

    expect(rows.map(({ name }) => [name, classify(name).product, classify(name).access])).toEqual(expected);
  });

  it('knows exactly the tools of the catalogue', () => {
    const inTable = [...KNOWN_NAMES, ...Object.keys(ENVELOPES), ...DIRECTORY_TOOLS];

    expect(inTable.toSorted()).toEqual([...new Set(rows.map(({ name }) => name))].toSorted());
    for (const name of inTable) expect(classify(name).known).toBe(true);
  });

  it('has actions and exceptions of known tools only', () => {
    for (const name of [...Object.keys(ACTIONS), ...WITHOUT_CLOUD_ID])
      expect(classify(name).known).toBe(true);
  });

  it('knows who takes a cloudId', () => {
    const wrong = rows.filter(
      ({ name, inputSchema }) =>
        knownToTakeCloudId(name) !== Object.hasOwn(inputSchema.properties ?? {}, 'cloudId'),
    );

    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

describe('an unknown tool', () => {
  it.each([
    ['readJiraSecrets', 'jira', 'write'],
    ['getEverything', 'other', 'write'],
    ['listConfluenceGhosts', 'confluence', 'write'],
    ['manageJsmQueue', 'jira-service-management', 'write'],
    ['deleteJiraBoard', 'jira', 'delete'],
    ['removeConfluenceSpace', 'confluence', 'delete'],
    ['purge', 'other', 'delete'],
    ['destroy_all', 'other', 'delete'],
    ['deleted', 'other', 'write'],
    ['removeable', 'other', 'write'],
    ['undelete', 'other', 'write'],
    ['GETJIRAISSUE', 'jira', 'write'],
    ['constructor', 'other', 'write'],
    ['__proto__', 'other', 'write'],
    ['toString', 'other', 'write'],
    ['', 'other', 'write'],
  ])('%s is of product %s and counts as %s (I12)', (name, product, access) => {
    expect(classify(name)).toMatchObject({ product, access, leastAccess: access, known: false });
  });
});

describe('a tool with actions', () => {
  it.each([
    ['bitbucketPullRequest', 'get', 'read'],
    ['bitbucketPullRequest', 'merge', 'write'],
    ['bitbucketPullRequest', 'MERGE', 'write'],
    ['bitbucketPullRequest', 'get ', 'write'],
    ['bitbucketPullRequest', 'selfDestruct', 'write'],
    ['bitbucketPullRequest', undefined, 'write'],
    ['bitbucketPullRequest', ['get'], 'write'],
    ['bitbucketEnvironment', 'list', 'read'],
    ['bitbucketEnvironment', 'update', 'write'],
    ['bitbucketEnvironment', 'delete', 'delete'],
    ['bitbucketEnvironment', 'whatever', 'delete'],
    ['bitbucketUser', 'pullRequests', 'read'],
    ['createJiraIssue', 'get', 'write'],
  ])('%s with action %j counts as %s', (name, action, access) => {
    expect(classifyCall(name, { action }).access).toBe(access);
  });

  it('is at least what its least action is', () => {
    expect(classify('bitbucketEnvironment')).toMatchObject({ access: 'delete', leastAccess: 'read' });
    expect(classify('bitbucketUser')).toMatchObject({ access: 'read', leastAccess: 'read' });
  });
});
