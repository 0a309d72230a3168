import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createView, encodeToolName, renderSite, type Resolution } from '../src/index.ts';
import { ACTIONS, ENVELOPES } from '../src/known-tools.ts';
import {
  at,
  callAt,
  type Estate,
  estateOf,
  indexOf,
  judged,
  KNOWN_NAMES,
  layer,
  siteRules,
  toolNames,
  wholeText,
} from './fixture.ts';

const tools = fc.uniqueArray(toolNames, { minLength: 1, maxLength: 8 });
const INNER_NAMES = [...KNOWN_NAMES, ...Object.keys(ENVELOPES), 'brandNewTool', 'deleteEverything'];

/** Arguments worth trying: each action, and in an envelope each tool that there is. */
function candidates(tool: string): Record<string, unknown>[] {
  const own = [
    {},
    ...Object.values(ACTIONS[tool] ?? {}).flatMap((actions) => actions.map((action) => ({ action }))),
  ];
  if (!Object.hasOwn(ENVELOPES, tool)) return own;
  return INNER_NAMES.flatMap((name) => candidatesInside(name).map((inputs) => ({ name, inputs })));
}

function candidatesInside(name: string): Record<string, unknown>[] {
  return Object.hasOwn(ACTIONS, name) ? candidates(name) : [{}];
}

function shownNames(estate: Estate, names: readonly string[]): string[] {
  const single = createView({ id: 'one', sites: [estate.site], single: true, layers: [] });
  const rendered = renderSite(
    { ...estate.view, single: single.single },
    judged(estate.view, estate.site),
    indexOf(...names),
  );
  return (JSON.parse(`[${wholeText(rendered.text)}]`) as { name: string }[]).map(({ name }) => name);
}

function callOf(estate: Estate, tool: string, args: Record<string, unknown>): Resolution {
  return callAt(estate, { name: encodeToolName('eng', tool), args, index: indexOf(tool) });
}

describe('list and call', () => {
  it('agree: a tool is shown when, and only when, some call of it goes through (I2)', () => {
    fc.assert(
      fc.property(siteRules, fc.array(layer, { maxLength: 2 }), tools, (rules, layers, names) => {
        const estate = estateOf(rules, layers);
        const shown = shownNames(estate, names);
        for (const tool of names) {
          const callable = candidates(tool).some((args) => callOf(estate, tool, args).kind === 'call');
          expect([tool, callable]).toEqual([tool, shown.includes(tool)]);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('agree for every known tool and envelope on a site without any rule, and on a read-only one', () => {
    for (const rules of [{}, { identity: 'shared', allow: ['*'] }] as const) {
      const estate = estateOf(rules);
      const names = [...KNOWN_NAMES, ...Object.keys(ENVELOPES)];
      const callable = names.filter((tool) =>
        candidates(tool).some((args) => callOf(estate, tool, args).kind === 'call'),
      );
      expect(shownNames(estate, names)).toEqual(callable);
    }
  });

  it.each(['executeRead', 'executeWrite', 'executeDestructive'])(
    'agree on an allow list that names %s and nothing that it could run',
    (envelope) => {
      const estate = estateOf({ products: { jira: 'delete' }, tools: { allow: [envelope] } });

      expect(shownNames(estate, [envelope])).toEqual([]);
      expect(callOf(estate, envelope, { name: 'getJiraIssue' }).kind).toBe('unknown');
    },
  );
});

describe('a further layer', () => {
  it('never adds a tool and never permits a call', () => {
    fc.assert(
      fc.property(
        siteRules,
        fc.array(layer, { maxLength: 2 }),
        layer,
        tools,
        (rules, layers, extra, names) => {
          const wide = estateOf(rules, layers);
          const narrow = estateOf(rules, [...layers, extra]);
          const before = shownNames(wide, names);
          for (const tool of shownNames(narrow, names)) expect(before).toContain(tool);
          for (const tool of names) {
            for (const args of candidates(tool).slice(0, 40)) {
              const outcome = callOf(narrow, tool, args);
              if (outcome.kind === 'call') expect(callOf(wide, tool, args)).toEqual(outcome);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps the order of the list', () => {
    fc.assert(
      fc.property(siteRules, layer, tools, (rules, extra, names) => {
        const shown = shownNames(estateOf(rules, [extra]), names);
        expect(shown).toEqual(names.filter((name) => shown.includes(name)));
      }),
      { numRuns: 100 },
    );
  });

  it('of one site changes nothing at another', () => {
    const estate = estateOf({ products: {} });
    const names = ['getJiraIssue', 'createJiraIssue'];

    expect(shownNames(estate, names)).toEqual([]);
    expect(renderSite(estate.view, judged(estate.view, estate.other), indexOf(...names)).tools).toBe(2);
    expect(callAt(estate, { name: `ops__${at(names, 1)}` }).kind).toBe('call');
  });
});
