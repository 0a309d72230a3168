import { describe, expect, it } from 'vitest';

import {
  createView,
  diffTools,
  type ListPart,
  listResult,
  OWN_TOOLS,
  parseToolList,
  renderSite,
  shownEntries,
  type Site,
  siteRowJson,
  type ToolIndex,
  type View,
} from '../src/index.ts';
import {
  ALPHA,
  at,
  type Estate,
  estateOf,
  indexOf,
  judged,
  KNOWN_NAMES,
  toolText,
  wholeText,
} from './fixture.ts';

interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: unknown;
  readonly annotations?: unknown;
  readonly _meta?: unknown;
}

const estate = estateOf();

function render(definition: string, { view, site }: Estate = estate): string {
  return wholeText(renderSite(view, judged(view, site), parseToolList(`[${definition}]`)).text);
}

function rendered(definition: string): Tool {
  return JSON.parse(render(definition)) as Tool;
}

const schema = (inputSchema: string): string => `{"name":"getJiraIssue","inputSchema":${inputSchema}}`;

/** A site whose list is known, as a view shows it. */
function known(view: View, site: Site, index: ToolIndex): ListPart {
  const shown = { ...judged(view, site), index };
  return { row: { site, status: 'ok', tools: shownEntries(shown).length }, shown };
}

function listed(view: View, parts: readonly ListPart[]): { text: string; tools: number } {
  const { texts, tools } = listResult(view, parts);
  return { text: texts.map(wholeText).join(''), tools };
}

function names(result: string): string[] {
  return (JSON.parse(result) as { tools: Tool[] }).tools.map(({ name }) => name);
}

const hidden = (inputSchema: string): unknown => rendered(schema(inputSchema)).inputSchema;

describe('a list of tools', () => {
  it.each(['', 'null', '{}', '"[]"', '7'])('has nothing when upstream sent %s', (text) => {
    expect(parseToolList(text).entries).toEqual([]);
  });

  it('loses a broken definition and nothing else', () => {
    const list = parseToolList(
      '[{"name":"a"},{},null,7,[],{"name":7},{"name":""},{"name":"b","inputSchema":true}]',
    );

    expect(list.entries.map(({ name, takesCloudId }) => [name, takesCloudId])).toEqual([
      ['a', false],
      ['b', false],
    ]);
  });

  it('keeps the first of two tools with one name', () => {
    const list = parseToolList('[{"name":"a","x":1},{"n\\u0061me":"\\u0061","x":2}]');

    expect(list.entries.map(({ text }) => text)).toEqual(['{"name":"a","x":1}']);
  });

  it('tells what came, went and changed', () => {
    const before = parseToolList('[{"name":"a"},{"name":"b"},{"name":"c"}]');
    const after = parseToolList('[{"name":"d"},{"name":"b","x":1},{"name":"a"}]');

    expect(diffTools(before, after).map(({ name, kind }) => ({ name, kind }))).toEqual([
      { name: 'c', kind: 'removed' },
      { name: 'd', kind: 'added' },
      { name: 'b', kind: 'changed' },
    ]);
    expect(diffTools(before, before)).toEqual([]);
  });
});

describe('the cloudId of a definition', () => {
  it.each([
    [
      '{"properties":{"cloudId":{"type":"string"},"a":{}},"required":["cloudId","a"]}',
      { properties: { a: {} }, required: ['a'] },
    ],
    [
      '{"properties":{"a":{},"cloudId":true},"required":["a","cloudId"]}',
      { properties: { a: {} }, required: ['a'] },
    ],
    ['{"properties":{"cloudId":false}}', { properties: {} }],
    [
      '{"properties":{"cloudId":{"$ref":"#/$defs/id"}},"$defs":{"id":{}}}',
      { properties: {}, $defs: { id: {} } },
    ],
    ['{"properties":{"cloudId":{}},"required":["cloudId"]}', { properties: {} }],
    ['{"properties":{"cloudId":{}},"required":[]}', { properties: {} }],
    [
      '{"properties":{"cloudId":{}},"additionalProperties":false}',
      { properties: {}, additionalProperties: false },
    ],
    ['{"properties":{"\\u0063loudId":{}},"required":["cloud\\u0049d"]}', { properties: {} }],
    [
      '{"properties":{"b":{"$ref":"#/$defs/x"},"c":true}}',
      { properties: { b: { $ref: '#/$defs/x' }, c: true } },
    ],
    [
      '{"properties":{"b":{"properties":{"cloudId":{}}}}}',
      { properties: { b: { properties: { cloudId: {} } } } },
    ],
    ['{"required":["cloudId"]}', { required: ['cloudId'] }],
    ['true', true],
    ['{"$ref":"#/$defs/all"}', { $ref: '#/$defs/all' }],
  ])('is hidden, and nothing else: %s', (inputSchema, expected) => {
    expect(hidden(inputSchema)).toEqual(expected);
  });

  it('leaves every other byte of the schema alone', () => {
    const text = render(
      schema(
        '{"properties":{"cloudId":{},"big":{ "maximum":9007199254740993, "x":1.0},"u":{"d":"\\u00e9\\/"}}}',
      ),
    );

    expect(text).toContain(
      '"properties":{"big":{ "maximum":9007199254740993, "x":1.0},"u":{"d":"\\u00e9\\/"}}',
    );
  });
});

describe('a definition', () => {
  it('keeps what upstream said, in its order and to the byte', () => {
    const kept =
      '"icons":[{"src":"x"}],"unknownKey":{ "a":1.0 },"outputSchema":{"maximum":12345678901234567890}';
    const text = render(`{${kept},"name":"getJiraIssue","title":"T"}`);

    expect(text.startsWith(`{${kept},"name":"eng__getJiraIssue","title":"T",`)).toBe(true);
  });

  it('says its site, by name, cloudId and in brackets', () => {
    expect(rendered('{"name":"getJiraIssue","description":"Reads \\"it\\".","_meta":{"x":1}}')).toEqual({
      name: 'eng__getJiraIssue',
      description: '[eng] Reads "it".',
      annotations: { readOnlyHint: true },
      _meta: {
        x: 1,
        'switchyard/site': 'eng',
        'switchyard/cloudId': ALPHA,
        'switchyard/tool': 'getJiraIssue',
        'switchyard/product': 'jira',
        'switchyard/access': 'read',
      },
    });
  });

  it.each([
    ['{"name":"a","title":"A tool"}', '[eng] A tool'],
    ['{"name":"a","description":7}', '[eng] a'],
    ['{"name":"a","description":""}', '[eng] '],
  ])('has a description even if upstream gave none: %s', (definition, description) => {
    expect(rendered(definition).description).toBe(description);
  });

  it.each([
    ['getJiraIssue', undefined, { readOnlyHint: true }],
    ['createJiraIssue', undefined, { readOnlyHint: false, destructiveHint: false }],
    ['brandNewTool', undefined, { readOnlyHint: false, destructiveHint: true }],
    ['bitbucketEnvironment', undefined, { readOnlyHint: false, destructiveHint: true }],
    ['getJiraIssue', { readOnlyHint: false, title: 'T' }, { readOnlyHint: false, title: 'T' }],
    ['createJiraIssue', { destructiveHint: true }, { destructiveHint: true, readOnlyHint: false }],
    ['getJiraIssue', null, { readOnlyHint: true }],
  ])('of %s with the hints %j has the hints %j', (name, annotations, expected) => {
    expect(rendered(JSON.stringify({ name, annotations })).annotations).toEqual(expected);
  });

  it('has its plain name and description on the URL of its site', () => {
    const { site } = estate;
    const view = createView({ id: 'one', sites: [site], single: true, layers: [] });
    const { text } = renderSite(view, judged(view, site), indexOf('getJiraIssue'));
    const tool = JSON.parse(wholeText(text)) as Tool;

    expect(tool).toMatchObject({ name: 'getJiraIssue', description: 'Does getJiraIssue.' });
    expect(tool.inputSchema).toEqual({ type: 'object', properties: {} });
  });
});

describe('the result of tools/list', () => {
  const { view, site, other } = estateOf();
  const index = indexOf(...KNOWN_NAMES.slice(0, 20));
  const gone: ListPart = {
    row: { site, status: 'unavailable', tools: 0, reason: 'It is down.' },
    shown: undefined,
  };

  it('takes nothing from a site because another is dead (I3)', () => {
    const both = listed(view, [known(view, site, index), known(view, other, index)]);
    const one = listed(view, [gone, known(view, other, index)]);

    expect(names(one.text)).toEqual(names(both.text).filter((name) => !name.startsWith('eng__')));
    expect(names(one.text).filter((name) => name.startsWith('ops__'))).toHaveLength(20);
    expect(one.tools).toBe(names(one.text).length);
  });

  it('lists Switchyard’s own tools first, then the sites in the order of the file, then upstream’s', () => {
    const small = parseToolList(`[${['getJiraUser', 'a', 'getJiraIssue'].map(toolText).join(',')}]`);
    const parts = [site, other].map((each) => known(view, each, small));
    const expected = ['eng', 'ops'].flatMap((name) => [
      `${name}__getJiraUser`,
      `${name}__a`,
      `${name}__getJiraIssue`,
    ]);

    expect(names(listed(view, parts).text)).toEqual(['switchyard_sites', 'switchyard_explain', ...expected]);
    expect(listed(view, parts)).toEqual(listed(view, parts));
  });

  it('says of each tool whose it is, where sites offer the same under the same rules', () => {
    const [eng, ops] = [known(view, site, index), known(view, other, index)];
    expect(eng.shown?.policy).toBe(ops.shown?.policy);
    const { tools } = JSON.parse(listed(view, [eng, ops]).text) as { tools: Tool[] };

    for (const each of [site, other]) {
      const own = tools.filter(({ name }) => name.startsWith(`${each.name}__`));
      expect(own).toHaveLength(20);
      for (const { description, _meta } of own) {
        expect(description).toMatch(`[${each.title}] `);
        expect(_meta).toMatchObject({ 'switchyard/site': each.name, 'switchyard/cloudId': each.cloudId });
      }
    }
  });

  it('is a whole result when no site has anything', () => {
    const { text, tools } = listed(view, [gone, known(view, other, indexOf())]);
    const result = JSON.parse(text) as { tools: unknown[]; _meta: unknown };

    expect(tools).toBe(OWN_TOOLS.length);
    expect(result.tools).toHaveLength(OWN_TOOLS.length);
    expect(result._meta).toEqual({
      'switchyard/sites': [
        { site: 'eng', cloudId: ALPHA, status: 'unavailable', tools: 0, reason: 'It is down.' },
        { site: 'ops', cloudId: other.cloudId, status: 'ok', tools: 0 },
      ],
    });
  });

  it('has a row without a reason where there is nothing to say', () => {
    expect(siteRowJson(at([{ site, status: 'ok', tools: 3 } as const], 0))).not.toHaveProperty('reason');
  });
});
