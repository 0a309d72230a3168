import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { meets, parseQuery } from '../src/query-language.ts';

const WORDS = [
  'project',
  '=',
  '!=',
  'in',
  'not',
  'and',
  'or',
  '(',
  ')',
  ',',
  '"a b"',
  'ENG',
  'order',
  'by',
  'is',
  'empty',
  '~',
];

describe('the query parser', () => {
  it('answers every text with a query or a problem', () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...WORDS)).map((words) => words.join(' ')),
    );

    fc.assert(
      fc.property(text, (query) => {
        const parsed = parseQuery(query);
        return parsed.ok || parsed.problem.startsWith('Error in the query: ');
      }),
    );
  });

  it('refuses to nest without end', () => {
    expect(parseQuery(`${'('.repeat(10_000)}a = b`)).toMatchObject({ ok: false });
  });

  it('reads a quoted value back as it was meant', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const quoted = `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
        expect(parseQuery(`field in (${quoted})`)).toMatchObject({ condition: { values: [value] } });
      }),
    );
  });

  it('negates what it says', () => {
    fc.assert(
      fc.property(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('=', '~'), (value, operator) => {
        expect(holdsForA(`x ${operator} ${value}`)).not.toBe(holdsForA(`NOT x ${operator} ${value}`));
      }),
    );
  });
});

function holdsForA(query: string): boolean {
  const parsed = parseQuery(query);
  return parsed.ok && meets(parsed.condition, 'a', (item) => [item]);
}
