import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  createSiteDirectory,
  createView,
  encodeToolName,
  locate,
  parseToolList,
  splitToolName,
  TOOL_NAME,
} from '../src/index.ts';
import { ALPHA, at, BETA, cloudIdOf, entryOf, KNOWN_NAMES } from './fixture.ts';

const anyTool = fc.oneof(
  fc.constantFrom(...KNOWN_NAMES),
  fc.string({ minLength: 1, maxLength: 120 }),
  fc.string({ minLength: 1, maxLength: 80, unit: 'binary' }),
  fc.stringMatching(/^[A-Za-z0-9_-]{45,130}$/),
  fc.constantFrom('_', '__', '__x', 'a__b', 'x'.repeat(59), 'x'.repeat(60), 'söme tööl', 'a.b/c', '🦊'),
);

const alias = fc.option(fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/), { nil: undefined });

describe('encodeToolName', () => {
  it.each([
    ['eng', 'getJiraIssue', 'eng__getJiraIssue'],
    ['11111111', 'getJiraIssue', '11111111__getJiraIssue'],
    ['eng', 'a.b/c', 'eng__a_b_c_xuhrdc'],
    ['eng', 'a_b.c', 'eng__a_b_c_hc0zln'],
    ['eng', 'x'.repeat(59), `eng__${'x'.repeat(59)}`],
    ['eng', 'x'.repeat(60), `eng__${'x'.repeat(52)}_wrbydq`],
  ])('gives %s and %s the same name for ever', (namespace, tool, name) => {
    expect(encodeToolName(namespace, tool)).toBe(name);
  });

  it('fits every client, whatever the tool is called', () => {
    fc.assert(
      fc.property(alias, anyTool, (namespace, tool) => {
        expect(encodeToolName(namespace ?? '11111111', tool)).toMatch(TOOL_NAME);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps long names apart that differ only behind the cut', () => {
    const names = Array.from({ length: 2_000 }, (_, count) => encodeToolName('eng', 'x'.repeat(80) + count));

    expect(new Set(names).size).toBe(names.length);
  });
});

describe('splitToolName', () => {
  it.each(['', 'getJiraIssue', '__getJiraIssue', 'eng_getJiraIssue'])(
    'finds no namespace in "%s"',
    (name) => {
      expect(splitToolName(name)).toBeUndefined();
    },
  );

  it('divides at the first separator, for tools may contain it as well', () => {
    expect(splitToolName('eng__a__b')).toEqual({ namespace: 'eng', rest: 'a__b' });
    expect(splitToolName('eng____b')).toEqual({ namespace: 'eng', rest: '__b' });
    expect(splitToolName('eng___b')).toEqual({ namespace: 'eng', rest: '_b' });
  });
});

describe('an advertised name', () => {
  it('leads back to its site and tool under every spelling of the namespace', () => {
    fc.assert(
      fc.property(alias, fc.uniqueArray(anyTool, { minLength: 1, maxLength: 5 }), (alias, tools) => {
        const directory = createSiteDirectory([
          entryOf(ALPHA, alias === undefined ? {} : { alias }),
          entryOf(BETA),
        ]);
        const view = createView({ id: 'v', sites: directory.sites, single: false, layers: [] });
        const site = at(directory.sites, 0);
        const index = parseToolList(JSON.stringify(tools.map((name) => ({ name }))));
        for (const tool of tools) {
          const advertised = encodeToolName(site.name, tool);
          const rest = splitToolName(advertised)?.rest ?? '';
          for (const name of [advertised, `${ALPHA}__${rest}`, `11111111__${rest}`, `${ALPHA}__${tool}`]) {
            const target = locate(view, name, { sites: directory.sites, directory });
            expect(target).toMatchObject({ kind: 'site', site });
            const found =
              target?.kind === 'site' ? index.findAdvertised(target.namespace, target.rest) : undefined;
            expect(found?.name).toBe(tool);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('stays the same for a site without alias and with three colliding neighbours', () => {
    const ids = ['aaaa', 'bbbb', 'cccc'].map((four) => cloudIdOf(`11111111-${four}-4aaa-8aaa-000000000009`));
    const alone = createSiteDirectory([entryOf(ALPHA)]);
    const crowded = createSiteDirectory([entryOf(ALPHA), ...ids.map((id) => entryOf(id))]);

    expect(at(crowded.sites, 0).name).toBe(at(alone.sites, 0).name);
    expect(crowded.sites.map(({ name }) => name)).toEqual([
      '11111111',
      '11111111aaaa',
      '11111111bbbb',
      '11111111cccc',
    ]);
  });
});
