import { describe, expect, it } from 'vitest';

import type { SiteEntry } from '../src/index.ts';
import { ENVELOPES } from '../src/known-tools.ts';
import { callAt, estateOf } from './fixture.ts';

const everything = estateOf({ products: { jira: 'delete', bitbucket: 'delete', platform: 'delete' } });
const names = Object.keys(ENVELOPES);

describe('an envelope', () => {
  it.each([
    {},
    { name: '' },
    { name: null },
    { name: 7 },
    { name: ['getJiraIssue'] },
    { Name: 'getJiraIssue' },
  ])('without a tool in it is refused: %j', (args) => {
    for (const name of names) {
      expect(callAt(everything, { name: `eng__${name}`, args })).toMatchObject({
        kind: 'invalid',
        reason: 'arguments',
        message: expect.stringContaining('"name"') as string,
      });
    }
  });

  it.each([null, [], 'text', 7, true])('with inputs that are no object is refused: %j', (inputs) => {
    const outcome = callAt(everything, { name: 'eng__executeRead', args: { name: 'getJiraIssue', inputs } });

    // A missing and a null `inputs` mean the same.
    expect(outcome.kind).toBe(inputs === null ? 'call' : 'invalid');
  });

  it.each(names.flatMap((outer) => names.map((inner) => [outer, inner] as const)))(
    '%s does not run %s',
    (outer, inner) => {
      const args = { name: inner, inputs: { name: 'getJiraIssue' } };

      expect(callAt(everything, { name: `eng__${outer}`, args })).toMatchObject({
        kind: 'unknown',
        name: inner,
      });
    },
  );

  it.each([
    ['executeRead', 'getJiraIssue', 'call'],
    ['executeRead', 'searchJiraIssuesUsingJql', 'call'],
    ['executeRead', 'createJiraIssue', 'unknown'],
    ['executeRead', 'deleteJiraIssue', 'unknown'],
    ['executeRead', 'readJiraSecrets', 'unknown'],
    ['executeWrite', 'getJiraIssue', 'call'],
    ['executeWrite', 'createJiraIssue', 'call'],
    ['executeWrite', 'readJiraSecrets', 'call'],
    ['executeWrite', 'deleteJiraIssue', 'unknown'],
    ['executeWrite', 'deleteJiraBoard', 'unknown'],
    ['executeDestructive', 'deleteJiraIssue', 'call'],
    ['execute', 'deleteJiraIssue', 'call'],
    ['execute', 'getConfluencePage', 'unknown'],
    ['executeRead', 'brandNewTool', 'unknown'],
  ])('%s and the inner tool %s: %s', (outer, inner, kind) => {
    const outcome = callAt(everything, { name: `eng__${outer}`, args: { name: inner, inputs: {} } });

    expect(outcome.kind).toBe(kind);
  });

  it.each<[string, Partial<SiteEntry>, string, string]>([
    ['a product that is off', { products: { confluence: 'write' } }, 'executeRead', 'getJiraIssue'],
    ['a denied name', { tools: { deny: ['getJiraIssue'] } }, 'executeRead', 'getJiraIssue'],
    [
      'a name that is not allowed',
      { tools: { allow: ['execute*', 'getJiraUser'] } },
      'executeRead',
      'getJiraIssue',
    ],
    ['a write on a read-only site', { products: { jira: 'read' } }, 'execute', 'createJiraIssue'],
    ['a delete where write is the most', {}, 'execute', 'deleteJiraIssue'],
  ])('does not run %s', (_, rules, outer, inner) => {
    const outcome = callAt(estateOf(rules), { name: `eng__${outer}`, args: { name: inner } });

    expect(outcome.kind).toBe('unknown');
  });

  it('is called unknown by the name of what it was to run, as if that did not exist', () => {
    const forbidden = callAt(estateOf({ products: { confluence: 'write' } }), {
      name: 'eng__executeRead',
      args: { name: 'getJiraIssue' },
    });

    expect(forbidden).toEqual({ kind: 'unknown', name: 'getJiraIssue', reason: 'product' });
  });

  it('tells the class of the tool that runs', () => {
    const outcome = callAt(everything, { name: 'eng__executeWrite', args: { name: 'getJiraIssue' } });

    expect(outcome).toMatchObject({ tool: 'executeWrite', toolClass: { product: 'jira', access: 'read' } });
  });
});

describe('a v1 tool with an action', () => {
  const readOnly = estateOf({ products: { bitbucket: 'read' } });
  const call = (args: unknown, estate = readOnly, name = 'bitbucketPullRequest'): string =>
    callAt(estate, { name: `eng__${name}`, args }).kind;

  it.each([
    { action: 'merge' },
    { action: 'create' },
    { action: 'GET' },
    { action: ['get'] },
    { action: null },
    {},
  ])('does not write on a read-only site: %j', (args) => {
    expect(call(args)).toBe('invalid');
  });

  it('reads there', () => {
    expect(['list', 'get', 'comments', 'diff', 'listTasks'].map((action) => call({ action }))).toEqual(
      Array.from({ length: 5 }, () => 'call'),
    );
  });

  it('is refused with the actions that are available', () => {
    const outcome = callAt(readOnly, { name: 'eng__bitbucketPullRequest', args: { action: 'merge' } });

    expect(outcome).toMatchObject({
      reason: 'arguments',
      message:
        'Invalid arguments: action "merge" of bitbucketPullRequest is not available here; available: list, get, comments, diff, listTasks',
    });
  });

  it('is judged by its action inside an envelope as well', () => {
    const kinds = ['get', 'merge'].map((action) =>
      call({ name: 'bitbucketPullRequest', inputs: { action } }, everything, 'executeRead'),
    );

    expect(kinds).toEqual(['call', 'unknown']);
  });

  it('cannot give the action twice', () => {
    const outcome = callAt(readOnly, {
      name: 'eng__bitbucketPullRequest',
      argsText: '{"action":"merge","\\u0061ction":"get"}',
    });

    expect(outcome).toMatchObject({ kind: 'invalid', message: expect.stringContaining('twice') as string });
  });

  it('deletes where delete is permitted, and only there', () => {
    const args = { action: 'delete' };

    expect(call(args, estateOf({ products: { bitbucket: 'write' } }), 'bitbucketEnvironment')).toBe(
      'invalid',
    );
    expect(call(args, everything, 'bitbucketEnvironment')).toBe('call');
  });
});
