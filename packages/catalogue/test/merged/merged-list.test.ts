import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  budgetOf,
  createView,
  listResult,
  type ListPart,
  type Mode,
  parseToolList,
  shownEntries,
  type Site,
  type SiteEntry,
  type ToolIndex,
  type View,
} from '../../src/index.ts';
import { createSiteDirectory } from '../../src/site-directory.ts';
import {
  at,
  cloudIdOf,
  entryOf,
  indexOf,
  judged,
  siteRules,
  toolNames,
  toolText,
  wholeText,
} from '../fixture.ts';

interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: {
    readonly properties: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
    readonly required?: readonly string[];
  };
  readonly outputSchema?: unknown;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly _meta: Readonly<Record<string, unknown>>;
}

const NAMES = ['eng', 'ops', 'labs', 'web'];

function sitesOf(count: number, rules: readonly Partial<SiteEntry>[] = []): readonly Site[] {
  const entries = NAMES.slice(0, count).map((alias, each) =>
    entryOf(cloudIdOf(`0000000${each}-aaaa-4aaa-8aaa-000000000001`), { alias, ...rules[each] }),
  );
  return createSiteDirectory(entries).sites;
}

function viewOf(sites: readonly Site[], mode: Mode, single = false): View {
  return createView({ id: mode, sites, single, layers: [], mode });
}

/** The list that a view makes of what its sites offer. */
function listOf(view: View, indexes: readonly ToolIndex[]): string {
  const parts = view.sites.map((site, each): ListPart => {
    const shown = { ...judged(view, site), index: indexes[each] ?? indexOf() };
    return { row: { site, status: 'ok', tools: shownEntries(shown).length }, shown };
  });
  return listResult(view, parts).texts.map(wholeText).join('');
}

function toolsOf(list: string): readonly Tool[] {
  return (JSON.parse(list) as { tools: Tool[] }).tools.filter(({ name }) => !name.startsWith('switchyard_'));
}

/** The merged list of sites with one definition each. */
function merged(...definitions: readonly Readonly<Record<string, unknown>>[]): Tool {
  const sites = sitesOf(definitions.length);
  const indexes = definitions.map((each) =>
    parseToolList(JSON.stringify([{ name: 'getJiraIssue', ...each }])),
  );
  return at(toolsOf(listOf(viewOf(sites, 'merged'), indexes)), 0);
}

function isOwn(name: string): boolean {
  return /^(?:\w+__)?(?:search|fetch)$/.test(name);
}

function tokens(list: string): number {
  return budgetOf(toolsOf(list).map((tool) => JSON.stringify(tool))).tokens;
}

describe('a merged list', () => {
  it('has each tool once, in the order of its first appearance, with the sites that offer it', () => {
    const indexes = [indexOf('a', 'b'), indexOf('c', 'b', 'a'), indexOf('b')];
    const tools = toolsOf(listOf(viewOf(sitesOf(3), 'merged'), indexes));

    expect(tools.map(({ name, inputSchema }) => [name, inputSchema.properties['site']?.enum])).toEqual([
      ['a', ['eng', 'ops']],
      ['b', ['eng', 'ops', 'labs']],
      ['c', ['ops']],
    ]);
  });

  it('wants the site, and hides the cloudId', () => {
    expect(
      merged({ inputSchema: { properties: { cloudId: {}, jql: {} }, required: ['cloudId', 'jql'] } }),
    ).toMatchObject({
      inputSchema: {
        type: 'object',
        properties: { site: { type: 'string', enum: ['eng'] }, jql: {} },
        required: ['site', 'jql'],
      },
    });
  });

  it('does not want it on the URL of one site', () => {
    const view = viewOf(sitesOf(1), 'merged', true);

    expect(at(toolsOf(listOf(view, [indexOf('a')])), 0).inputSchema).not.toHaveProperty('required');
  });

  it('calls its own argument otherwise where a tool has one called site', () => {
    const { inputSchema } = merged({
      inputSchema: { properties: { site: { type: 'number' } }, required: ['site'] },
    });

    expect(inputSchema).toMatchObject({
      properties: { switchyard_site: { enum: ['eng'] }, site: { type: 'number' } },
      required: ['switchyard_site', 'site'],
    });
  });

  it('keeps everything else to the byte when the sites agree', () => {
    const text =
      '{"icons":[{"src":"x"}],"unknownKey":{ "a":1.0 },"name":"getJiraIssue","description":"D","outputSchema":{"maximum":12345678901234567890}}';
    const list = listOf(viewOf(sitesOf(2), 'merged'), [
      parseToolList(`[${text}]`),
      parseToolList(`[${text}]`),
    ]);

    expect(list).toContain(
      '{"icons":[{"src":"x"}],"unknownKey":{ "a":1.0 },"name":"getJiraIssue","description":"D","outputSchema":{"maximum":12345678901234567890},',
    );
  });

  it('says in the description which site takes what when schemas differ', () => {
    const old = { properties: { issueTypeName: {}, limit: { type: 'number' } }, required: ['issueTypeName'] };
    const other = { properties: { issueType: {}, limit: { type: 'string' } }, required: ['issueType'] };
    const { description, inputSchema } = merged(
      { description: 'Creates.', inputSchema: old },
      { description: 'Creates!', inputSchema: other },
      { description: 'Creates.', inputSchema: old },
    );

    expect(description).toBe(
      'Creates.\nArguments differ by site. [eng, labs: needs issueTypeName; no issueType; limit: number] [ops: needs issueType; no issueTypeName; limit: string]',
    );
    expect(inputSchema.required).toEqual(['site']);
  });

  it('says nothing of sites whose definitions differ in words only', () => {
    expect(merged({ description: 'One.' }, { description: 'Other.' }).description).toBe('One.');
  });

  it('shows a schema of results only when it holds for all sites', () => {
    const outputSchema = { type: 'object' };

    expect(merged({ outputSchema }, { outputSchema }).outputSchema).toEqual(outputSchema);
    expect(merged({ outputSchema }, {})).not.toHaveProperty('outputSchema');
    expect(merged({ outputSchema }, { outputSchema: true })).not.toHaveProperty('outputSchema');
  });

  it.each([
    [[{ readOnlyHint: true }, { readOnlyHint: false }], { readOnlyHint: false }],
    [[{ destructiveHint: false }, {}], { readOnlyHint: true, destructiveHint: true }],
    [[{ idempotentHint: true }, { idempotentHint: false }], { readOnlyHint: true, idempotentHint: false }],
    [[{ openWorldHint: false }, {}], { readOnlyHint: true, openWorldHint: true }],
    [[{ title: 'T' }, {}], { title: 'T', readOnlyHint: true }],
  ])('has the most cautious hints of %j', (annotations, expected) => {
    expect(merged(...annotations.map((each) => ({ annotations: each }))).annotations).toEqual(expected);
  });

  it('says the tool, its product and its access in _meta, and nothing of a single site', () => {
    expect(merged({ _meta: { x: 1, 'switchyard/site': 'forged' } }, { _meta: { x: 1 } })._meta).toEqual({
      x: 1,
      'switchyard/tool': 'getJiraIssue',
      'switchyard/product': 'jira',
      'switchyard/access': 'read',
    });
  });

  it('cuts a name that clients would refuse', () => {
    const name = `tool with spaces ${'x'.repeat(80)}`;
    const tools = toolsOf(listOf(viewOf(sitesOf(1), 'merged'), [indexOf(name)]));

    expect(at(tools, 0).name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  it('shows for every site what its policy shows, and no more (I2)', () => {
    const names = fc.uniqueArray(toolNames, { minLength: 1, maxLength: 6 });
    const site = fc.record({ rules: siteRules, names });
    fc.assert(
      fc.property(fc.array(site, { minLength: 1, maxLength: 4 }), (all) => {
        const sites = sitesOf(
          all.length,
          all.map(({ rules }) => rules),
        );
        const indexes = all.map((each) => indexOf(...each.names));
        const pairs = toolsOf(listOf(viewOf(sites, 'merged'), indexes)).flatMap(({ name, inputSchema }) =>
          (inputSchema.properties['site']?.enum ?? []).map((each) => `${each}__${name}`),
        );
        const apart = toolsOf(listOf(viewOf(sites, 'namespaced'), indexes)).map(({ name }) => name);

        expect(pairs.filter((name) => !isOwn(name)).sort()).toEqual(
          apart.filter((name) => !isOwn(name)).sort(),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('of twelve sites is within 10 % of one site’s list, at the length that Rovo’s definitions have', () => {
    // 0.6 to 1.2 thousand tokens a definition were measured in the field (LibreChat #11088).
    const long = toolText('getJiraIssue').replace(
      'Does ',
      `${'Reads one work item of a project. '.repeat(70)}Does `,
    );
    const definitions = ['getJiraIssue', 'createJiraIssue', 'getConfluencePage'].map((name) =>
      long.replaceAll('getJiraIssue', name),
    );
    const entries = Array.from({ length: 12 }, (_, each) =>
      entryOf(cloudIdOf(`000000${each + 10}-aaaa-4aaa-8aaa-000000000001`), { alias: `site-${each}` }),
    );
    const { sites } = createSiteDirectory(entries);
    const index = parseToolList(`[${definitions.join(',')}]`);
    const one = tokens(listOf(viewOf(sites.slice(0, 1), 'namespaced', true), [index]));
    const twelve = tokens(
      listOf(
        viewOf(sites, 'merged'),
        sites.map(() => index),
      ),
    );

    expect(one / 3).toBeGreaterThan(580);
    expect(twelve / one).toBeLessThan(1.1);
  });
});

describe('Switchyard’s own names', () => {
  const indexes = [indexOf('search', 'fetch', 'switchyard_sites', 'findTools', 'getJiraIssue')];

  it.each([
    ['namespaced', ['search', 'fetch', 'eng__search', 'eng__fetch', 'eng__findTools', 'eng__getJiraIssue']],
    ['merged', ['search', 'fetch', 'findTools', 'getJiraIssue']],
    ['lean', ['findTools', 'describeTool', 'callReadTool', 'callWriteTool', 'search', 'fetch']],
  ] as const)('stay its own in mode %s', (mode, expected) => {
    const names = toolsOf(listOf(viewOf(sitesOf(1), mode), indexes)).map(({ name }) => name);

    expect(names.filter((name) => !name.includes('switchyard_'))).toEqual(expected);
    expect(new Set(names).size).toBe(names.length);
  });

  it('do not hold search and fetch where no site can be searched', () => {
    const names = toolsOf(listOf(viewOf(sitesOf(1), 'lean'), [indexOf('getJiraIssue')])).map(
      ({ name }) => name,
    );

    expect(names).toEqual(['findTools', 'describeTool', 'callReadTool', 'callWriteTool']);
  });

  it('leave search to the site on its own URL', () => {
    const view = viewOf(sitesOf(1), 'namespaced', true);
    const search = toolsOf(listOf(view, indexes)).filter(({ name }) => name === 'search');

    expect(search.map(({ _meta: meta }) => meta['switchyard/site'])).toEqual(['eng']);
  });
});
