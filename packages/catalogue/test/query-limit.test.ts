import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CQL, isLimited, JQL } from '../src/resources/query-limit.ts';

const jql = (text: string): boolean => isLimited(text, JQL, (key) => /^(eng|ops)$/i.test(key));
const cql = (text: string): boolean => isLimited(text, CQL, (key) => /^(doc)$/i.test(key));

describe('a JQL text that is not limited', () => {
  it.each([
    '',
    '   ',
    'assignee = currentUser()',
    'project = SEC',
    'project = Engineering',
    'project != SEC',
    'project not in (SEC)',
    'project in (ENG, SEC)',
    'project in ()',
    'project in (ENG,)',
    'project in (ENG OPS)',
    'project in (projectsLeadByUser())',
    'project is not empty',
    'project ~ ENG',
    'project was ENG',
    'project = ENG OPS',
    'project = ENG OR assignee = me',
    'project = ENG or project = SEC',
    'project = ENG AND a = 1 OR b = 2',
    'project = ENG || b = 2',
    'project = ENG | b = 2',
    'NOT project = ENG',
    '! project = ENG',
    'not (project = ENG)',
    'a = 1 AND NOT project = ENG',
    '(project = ENG) OR (a = 1)',
    '(project = ENG OR a = 1) AND (project = OPS OR b = 2)',
    '(project = ENG',
    'project = ENG)',
    'project = ENG) OR (a = 1',
    '"project = ENG"',
    'summary ~ "project = ENG"',
    "project = 'ENG'",
    "project = ENG AND summary ~ ' OR project = SEC OR summary ~ '",
    'project = ENG AND summary ~ "a\\" OR project = SEC OR summary ~ \\"b"',
    'project = "E\\u004eG"',
    'project = ENG AND summary ~ x\u0085OR\u0085project = SEC',
    'project = ENG\u200bOR\u200bproject = SEC',
    'project = ENG\u00a0OR\u00a0project = SEC',
    'project = ENG AND summary ~ "open',
    'key = 10001',
    'key = SEC-1',
    'key in (ENG-1, SEC-1)',
    'key >= ENG-1',
    'parent = ENG-1',
    'project = ENG ORDER BY a) OR (project = SEC',
    'project = ENG ORDER BY a = 1',
    'order by created',
    `project = ENG AND ${'x'.repeat(10_000)} = 1`,
    `${'('.repeat(50)}project = ENG${')'.repeat(50)}`,
  ])('is refused: %s', (text) => {
    expect(jql(text)).toBe(false);
  });
});

describe('a JQL text that is limited', () => {
  it.each([
    'project = ENG',
    'PROJECT=eng',
    'project="ENG"',
    '"project" = ENG',
    'project in (ENG)',
    'project IN (ENG, "OPS")',
    'project in(ENG,OPS) ORDER BY created DESC, key',
    'project = ENG AND assignee = currentUser() AND summary ~ "a OR b"',
    'assignee in (a, b) and project = ENG',
    'a = 1 && project = ENG',
    'project = ENG AND (a = 1 OR b = 2)',
    '(project = ENG OR project = OPS) AND NOT a = 1',
    'project = ENG OR project in (OPS)',
    '((project = ENG))',
    'project = ENG AND project in (ENG, SEC)',
    'key = ENG-1',
    'issuekey in (ENG-1, OPS-22)',
    `project = ENG AND summary ~ "süß it's"`,
    'project = ENG\n AND\t a = 1',
  ])('goes through: %s', (text) => {
    expect(jql(text)).toBe(true);
  });
});

describe('CQL', () => {
  it.each([
    ['space = DOC', true],
    ['space.key in (DOC) and type = page', true],
    ['type = page AND space = "doc" order by created', true],
    ['space = HR', false],
    ['project = DOC', false],
    ['text ~ "x"', false],
    ['space = DOC and a = 1 or b = 2', false],
    ['key = DOC-1', false],
  ])('%s: %s', (text, limited) => {
    expect(cql(text)).toBe(limited);
  });
});

/** What a query is about, so that a test can run it without reading it. */
type Query =
  | { readonly kind: 'project'; readonly keys: readonly string[] }
  | { readonly kind: 'flag'; readonly value: boolean }
  | { readonly kind: 'not'; readonly inner: Query }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Query[] };

const { query } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      kind: fc.constant('project' as const),
      keys: fc.array(fc.constantFrom('ENG', 'OPS', 'SEC'), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('flag' as const), value: fc.boolean() }),
    fc.record({ kind: fc.constant('not' as const), inner: tie('query') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(tie('query'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

function written(part: Query): string {
  switch (part.kind) {
    case 'project':
      return part.keys.length === 1
        ? `project = ${part.keys.join('')}`
        : `project in (${part.keys.join(', ')})`;
    case 'flag':
      return `flagged = ${part.value}`;
    case 'not':
      return `NOT (${written(part.inner)})`;
    case 'and':
    case 'or':
      return part.parts.map((each) => `(${written(each)})`).join(` ${part.kind} `);
  }
}

interface Issue {
  readonly project: string;
  readonly flagged: boolean;
}

function meets(part: Query, issue: Issue): boolean {
  switch (part.kind) {
    case 'project':
      return part.keys.includes(issue.project);
    case 'flag':
      return part.value === issue.flagged;
    case 'not':
      return !meets(part.inner, issue);
    case 'and':
      return part.parts.every((each) => meets(each, issue));
    case 'or':
      return part.parts.some((each) => meets(each, issue));
  }
}

describe('whatever is limited', () => {
  it('finds nothing outside', () => {
    let limited = 0;
    fc.assert(
      fc.property(query, (each) => {
        if (!jql(written(each))) return;
        limited += 1;
        for (const flagged of [true, false]) expect(meets(each, { project: 'SEC', flagged })).toBe(false);
      }),
      { numRuns: 3_000 },
    );
    expect(limited).toBeGreaterThan(200);
  });

  it('is read without a throw, whatever the text', () => {
    const words = fc.constantFrom(
      'project',
      '=',
      'ENG',
      'SEC',
      'AND',
      'or',
      '(',
      ')',
      'in',
      ',',
      '"',
      "'",
      'not',
      ' ',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 20 }), (parts) => {
        expect(typeof jql(parts.join(' '))).toBe('boolean');
        expect(typeof jql(parts.join(''))).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
  });
});
