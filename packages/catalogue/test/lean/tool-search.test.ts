import { describe, expect, it } from 'vitest';

import {
  type CallArguments,
  callArguments,
  createToolSearch,
  describedResult,
  foundResult,
  parseToolList,
  readInnerCall,
  readToolQuery,
} from '../../src/index.ts';
import { collectTools } from '../../src/merged/merged-tool.ts';
import { at, estateOf, judged, KNOWN_NAMES } from '../fixture.ts';

const { view, site, other } = estateOf();

/** The tools of two sites; the second has none that write. */
function tools(definitions: readonly object[] = KNOWN_NAMES.map((name) => ({ name }))) {
  const index = parseToolList(JSON.stringify(definitions));
  const readers = parseToolList(
    JSON.stringify(definitions.filter((each) => /"(?:get|list)/.test(JSON.stringify(each)))),
  );
  return collectTools([
    { ...judged(view, site), index },
    { ...judged(view, other), index: readers },
  ]);
}

const search = createToolSearch(tools());

function found(query: string, filter = {}): string[] {
  return search.find(query, { limit: 10, ...filter }).tools.map(({ tool }) => tool);
}

describe('the search for tools', () => {
  it.each([
    ['create issue', 'createJiraIssue'],
    ['create a ticket', 'createJiraIssue'],
    ['serch issues jql', 'searchJiraIssuesUsingJql'],
    ['jql', 'searchJiraIssuesUsingJql'],
    ['transition jira', 'transitionJiraIssue'],
    ['merge pull request', 'mergeBitbucketRepoPullRequest'],
    ['getJiraIssue', 'getJiraIssue'],
    ['GETJIRAISSUE', 'getJiraIssue'],
    ['who am i user info', 'atlassianUserInfo'],
  ])('finds by %j the tool %s among the first five', (query, tool) => {
    expect(KNOWN_NAMES).toContain(tool);
    expect(found(query).slice(0, 5)).toContain(tool);
  });

  it.each(['', '  ', '!!!'])('lists everything in order for no words: %j', (query) => {
    expect(search.find(query, { limit: 3 })).toMatchObject({
      tools: tools().slice(0, 3),
      total: tools().length,
    });
  });

  it('finds nothing for words that no tool has', () => {
    expect(search.find('xyzzyqq', { limit: 10 })).toEqual({ tools: [], total: 0 });
  });

  it('finds the same in the same order every time', () => {
    expect(
      createToolSearch(tools())
        .find('issue', { limit: 50 })
        .tools.map(({ tool }) => tool),
    ).toEqual(found('issue', { limit: 50 }));
  });

  it('keeps to the site, product and access that are asked for', () => {
    expect(found('issue', { site: other }).every((name) => /^(?:get|list)/.test(name))).toBe(true);
    expect(found('get', { product: 'loom' }).every((name) => name.includes('Loom'))).toBe(true);
    expect(
      search
        .find('issue', { limit: 50, access: 'write' })
        .tools.every(({ toolClass }) => toolClass.access === 'write'),
    ).toBe(true);
  });

  it('tells how many there are beyond the limit', () => {
    const { tools: first, total } = search.find('jira', { limit: 2 });

    expect(first).toHaveLength(2);
    expect(total).toBeGreaterThan(20);
  });

  it('says what is needed to choose, and which tool runs it', () => {
    const [getIssue] = tools([{ name: 'getJiraIssue', title: 'Read', description: 'Reads.' }]);
    const { structuredContent } = JSON.parse(
      foundResult({ tools: getIssue ? [getIssue] : [], total: 1 }),
    ) as {
      structuredContent: unknown;
    };

    expect(structuredContent).toEqual({
      tools: [
        {
          tool: 'getJiraIssue',
          title: 'Read',
          description: 'Reads.',
          product: 'jira',
          access: 'read',
          run: ['callReadTool'],
          sites: ['eng', 'ops'],
        },
      ],
      total: 1,
    });
  });
});

describe('the description of a tool', () => {
  const definition =
    '{"name":"bitbucketPullRequest","description":"D","inputSchema":{"properties":{"cloudId":{},"n":{ "maximum":9007199254740993 }}}}';
  const index = parseToolList(`[${definition}]`);
  const [tool] = collectTools([{ ...judged(view, site), index }]);

  it('has the schema to the byte, without the cloudId, and says what runs it', () => {
    const result = tool ? describedResult(tool, undefined) : '';

    expect(result).toContain('"inputSchema":{"properties":{"n":{ "maximum":9007199254740993 }}}');
    expect(JSON.parse(result)).toMatchObject({
      structuredContent: {
        tool: 'bitbucketPullRequest',
        run: ['callReadTool', 'callWriteTool'],
        definitions: [{ sites: ['eng'], description: 'D' }],
      },
    });
  });

  it('has one definition for each group of sites, or of one site', () => {
    const changed = parseToolList(`[${definition.replace('"D"', '"E"')}]`);
    const [both] = collectTools([
      { ...judged(view, site), index },
      { ...judged(view, other), index: changed },
    ]);
    const described = (each: typeof site | undefined): unknown =>
      (
        JSON.parse(both ? describedResult(both, each) : '{}') as {
          structuredContent: { definitions: { sites: unknown }[] };
        }
      ).structuredContent.definitions.map(({ sites }) => sites);

    expect(described(undefined)).toEqual([['eng'], ['ops']]);
    expect(described(other)).toEqual([['ops']]);
  });
});

function inner(text: string): CallArguments {
  return callArguments(JSON.parse(text) as Record<string, unknown>, text);
}

describe('the arguments of the lean tools', () => {
  it.each([
    [{}, /needs "query"/],
    [{ query: 7 }, /needs "query"/],
    [{ query: 'x'.repeat(501) }, /needs "query"/],
    [{ query: 'x', product: 'excel' }, /"product" must be one of jira,/],
    [{ query: 'x', product: 7 }, /"product" must be one of/],
    [{ query: 'x', access: 'all' }, /"access" must be one of read, write, delete/],
    [{ query: 'x', limit: 0 }, /"limit" must be a whole number from 1 to 50/],
    [{ query: 'x', limit: 51 }, /"limit"/],
    [{ query: 'x', limit: 1.5 }, /"limit"/],
    [{ query: 'x', sites: 'eng' }, /findTools has no argument "sites"/],
    [{ query: 'x', constructor: 1 }, /has no argument "constructor"/],
  ])('of findTools are refused: %j', (args, message) => {
    expect(readToolQuery(args)).toMatch(message);
  });

  it('of findTools have defaults', () => {
    expect(readToolQuery({ query: 'x', access: 'read', product: 'jira' })).toEqual({
      query: 'x',
      limit: 10,
      product: 'jira',
      access: 'read',
    });
  });

  it.each([
    ['{}', /"tool" must be the name of a tool/],
    ['{"tool":""}', /"tool" must be the name/],
    ['{"tool":7}', /"tool" must be the name/],
    ['{"tool":"a","arguments":"{}"}', /"arguments" must be an object/],
    ['{"tool":"a","arguments":[]}', /"arguments" must be an object/],
    [
      '{"tool":"a","issueIdOrKey":"A-1"}',
      /callReadTool has no argument "issueIdOrKey"; what the tool itself takes goes into "arguments"/,
    ],
    ['{"tool":"a","tool":"b"}', /the argument "tool" is given twice/],
  ])('of callReadTool are refused: %s', (text, message) => {
    expect(readInnerCall('callReadTool', inner(text))).toMatch(message);
  });

  it('of callReadTool keep what is inside to the byte', () => {
    const call = readInnerCall('callReadTool', inner('{"tool":"a","arguments":{ "n":1.0 }}'));

    expect(call).toMatchObject({ tool: 'a', args: { text: '{ "n":1.0 }' } });
    expect(at([call], 0)).not.toBeTypeOf('string');
  });
});
