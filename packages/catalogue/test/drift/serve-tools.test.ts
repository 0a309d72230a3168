import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  type ApprovedTools,
  parseToolList,
  serveTools,
  type ToolIndex,
  withDefinition,
} from '../../src/index.ts';
import { at, indexOf } from '../fixture.ts';
import { HIDDEN } from './hidden-texts.ts';

const STRIP = { approved: undefined, strip: true };

function list(...tools: readonly Readonly<Record<string, unknown>>[]): ToolIndex {
  return parseToolList(JSON.stringify(tools));
}

function approvedOf(index: ToolIndex): ApprovedTools {
  return new Map(index.entries.map((entry) => [entry.name, [entry]]));
}

function served(index: ToolIndex, rule: Parameters<typeof serveTools>[1]): unknown {
  const { tools } = serveTools(index, rule);
  return tools === undefined ? 'as sent' : (JSON.parse(tools) as unknown);
}

const TOOL = { name: 'a', description: 'Reads.', annotations: { readOnlyHint: true } };
const OTHER = { name: 'b', description: 'Writes.' };

describe('hidden characters', () => {
  it.each(HIDDEN)('of %s reach no client', (_what, character) => {
    const hostile = [
      { name: `a${character}`, description: 'x' },
      { name: 'b', description: `x${character}y`, title: `t${character}` },
      { name: 'c', inputSchema: { properties: { p: { description: `${character}x` } } } },
      { name: 'd', inputSchema: { properties: { [`p${character}`]: {} } } },
      { name: 'e', inputSchema: { properties: { p: { enum: [`x${character}`] } } } },
    ];

    expect(served(list(...hostile), STRIP)).toEqual([
      { name: 'b', description: 'xy', title: 't' },
      { name: 'c', inputSchema: { properties: { p: { description: 'x' } } } },
    ]);
    expect([...serveTools(list(...hostile), STRIP).withheld]).toEqual([`a${character}`, 'd', 'e']);
  });

  it('are kept where the configuration says so, but for those in names of tools', () => {
    const tools = [{ name: 'a\u200B' }, { name: 'b', description: 'x\u200B' }];

    expect(served(list(...tools), { approved: undefined, strip: false })).toEqual([tools[1]]);
  });

  it('that are not there cost no byte', () => {
    expect(served(list(TOOL, OTHER), STRIP)).toBe('as sent');
  });
});

describe('a definition that is held', () => {
  const rule = { approved: approvedOf(list(TOOL, OTHER)), strip: true };

  it.each([
    ['a new tool is withheld', [TOOL, { name: 'c' }], [TOOL], ['c']],
    ['a changed tool keeps what was approved', [{ ...TOOL, description: 'Evil.' }, OTHER], [TOOL, OTHER], []],
    ['one that only reads no longer is withheld', [{ ...TOOL, annotations: {} }, OTHER], [OTHER], ['a']],
    ['a tool that is gone is gone', [OTHER], 'as sent', []],
    ['what is as approved is as sent', [OTHER, TOOL], 'as sent', []],
  ])('%s', (_name, tools, expected, withheld) => {
    const outcome = serveTools(list(...tools), rule);

    expect(outcome.tools === undefined ? 'as sent' : JSON.parse(outcome.tools)).toEqual(expected);
    expect([...outcome.withheld]).toEqual(withheld);
  });

  it('may be any of those that were approved; the newest stands for the others', () => {
    const [first, second, third] = ['1', '2', '3'].map((description) => ({ ...TOOL, description }));
    const entries = list(first ?? {}).entries.concat(list(second ?? {}).entries);
    const approved: ApprovedTools = new Map([['a', entries]]);

    expect(served(list(first ?? {}), { approved, strip: true })).toBe('as sent');
    expect(served(list(third ?? {}), { approved, strip: true })).toEqual([second]);
  });

  it('never lets anything through that was not approved', () => {
    const known = list(TOOL, OTHER);
    const texts = new Set(known.entries.map(({ text }) => text));
    const anyTool = fc.record(
      {
        name: fc.constantFrom('a', 'b', 'c', 'a ', 'A', 'constructor', '__proto__'),
        description: fc.oneof(fc.constantFrom('Reads.', 'Writes.'), fc.string()),
        annotations: fc.constantFrom({ readOnlyHint: true }, { readOnlyHint: false }, {}),
        inputSchema: fc.jsonValue(),
        extra: fc.jsonValue(),
      },
      { requiredKeys: ['name'] },
    );
    fc.assert(
      fc.property(fc.array(anyTool), (tools) => {
        const offered = parseToolList(JSON.stringify(tools));
        const outcome = serveTools(offered, { approved: approvedOf(known), strip: true });
        const shown = parseToolList(outcome.tools ?? JSON.stringify(tools)).entries;
        for (const { name, text } of shown) {
          expect(outcome.withheld.has(name)).toBe(false);
          if (!texts.has(text))
            expect(known.entries.map((each) => JSON.parse(each.text) as unknown)).toContainEqual(
              JSON.parse(text),
            );
        }
        expect(shown.length + outcome.withheld.size).toBe(offered.entries.length);
      }),
      { numRuns: 500 },
    );
  });
});

it('a definition that nests without end is withheld', () => {
  const bomb = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const index = parseToolList(`[{"name":"a","_meta":${bomb}},{"name":"b"}]`);

  expect(served(index, STRIP)).toEqual([{ name: 'b' }]);
});

it('of the definitions of a tool the newest stay, each once', () => {
  const [one, two, three] = ['a', 'b', 'c'].flatMap((name) => indexOf(name).entries);
  const all = [one, two, three].flatMap((entry) => entry ?? []);
  const kept = all.reduce<readonly (typeof all)[number][]>(
    (known, entry) => withDefinition(known, entry, 2),
    [],
  );

  expect(kept.map(({ name }) => name)).toEqual(['b', 'c']);
  expect(withDefinition(kept, at(all, 1), 2).map(({ name }) => name)).toEqual(['c', 'b']);
});
