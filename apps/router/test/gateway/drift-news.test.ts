import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createNews } from '../../src/gateway/drift-news.ts';

const walk = fc.array(fc.constantFrom('', 'A', 'B', 'C'), { minLength: 2, maxLength: 20 });

function stepsOf(definitions: readonly string[]): { from: string; to: string }[] {
  return definitions
    .flatMap((to, at) => (at === 0 ? [] : [{ from: definitions[at - 1] ?? '', to }]))
    .filter(({ from, to }) => from !== to);
}

describe('a step from one definition to another', () => {
  it('is news each time that one caller sees it', () => {
    fc.assert(
      fc.property(walk, (definitions) => {
        const isNews = createNews();
        for (const step of stepsOf(definitions))
          expect(isNews({ place: 'p', tool: 't', ...step })).toBe(true);
      }),
    );
  });

  it('is news once for callers who see it one after the other', () => {
    fc.assert(
      fc.property(walk, fc.integer({ min: 2, max: 5 }), (definitions, callers) => {
        const isNews = createNews();
        for (const step of stepsOf(definitions)) {
          const told = Array.from({ length: callers }, () => isNews({ place: 'p', tool: 't', ...step }));
          expect(told).toEqual([true, ...told.slice(1).map(() => false)]);
        }
      }),
    );
  });

  it('is never lost by a caller who made the step before, whatever others did meanwhile', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 2 }), fc.constantFrom('A', 'B', 'C'))), (moves) => {
        const isNews = createNews();
        const at = ['A', 'A', 'A'];
        // What each caller has seen told since it was last at a definition.
        const missed = new Set<string>();
        for (const [caller, to] of moves) {
          const from = at[caller] ?? 'A';
          if (from === to) continue;
          at[caller] = to;
          const name = `${caller} ${from} ${to}`;
          const isTold = isNews({ place: 'p', tool: 't', from, to });
          if (isTold) missed.clear();
          // Twice the same step untold, with nothing told between: it would be lost.
          else expect(missed.has(name)).toBe(false);
          if (!isTold) missed.add(name);
        }
      }),
    );
  });

  it('is of one tool of one place', () => {
    const isNews = createNews();
    const step = { place: 'p', tool: 't', from: 'A', to: 'B' };

    expect([step, { ...step, tool: 'u' }, { ...step, place: 'q' }].map(isNews)).toEqual([true, true, true]);
  });
});
