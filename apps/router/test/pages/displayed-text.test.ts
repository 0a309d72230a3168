import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { calendarDay } from '../../src/pages/calendar-day.ts';
import { displayedHost, displayedName, displayedText } from '../../src/pages/displayed-text.ts';

describe('a displayed text', () => {
  it.each([
    ['a right-to-left override', 'a\u202Eb', 'a\uFFFDb'],
    ['a zero-width space', 'a\u200Bb', 'a\uFFFDb'],
    ['a tag character', 'a\u{E0041}b', 'a\uFFFDb'],
    ['a lone surrogate', 'a\uD800b', 'a\uFFFDb'],
    ['a filler letter', 'a\u3164b', 'a\uFFFDb'],
    ['line ends', 'a\r\n\u2028b', 'a b'],
    ['a terminal sequence', 'a\u001B[31mb', 'a [31mb'],
    ['marks without end', `a${'\u0301'.repeat(50)}b`, `a${'\u0301'.repeat(3)}b`],
    ['another alphabet', 'Łódź 東京 עברית', 'Łódź 東京 עברית'],
    ['an emoji', 'a 🚂', 'a 🚂'],
  ])('shows %s for what it is', (_, text, shown) => {
    expect(displayedText(text)).toBe(shown);
  });

  it('is never longer than it may be, and never half a character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.integer({ min: 1, max: 40 }),
        (text, max) => {
          const shown = displayedText(text.repeat(5), max);

          expect(Array.from(shown).length).toBeLessThanOrEqual(max);
          expect(shown).not.toMatch(/\p{Cs}/u);
          expect(displayedText(shown, max)).toBe(shown);
        },
      ),
    );
  });
});

describe('a displayed name', () => {
  it.each(['', '   ', '\u200B\u200B', '\u3164', '\u0301', '\r\n'])(
    'of nothing that shows (%j) is another',
    (name) => {
      expect(displayedName(name, 'An app without a name')).toBe('An app without a name');
    },
  );

  it('ends in … where it is cut', () => {
    expect(displayedName('a'.repeat(90), '')).toBe(`${'a'.repeat(79)}…`);
  });
});

describe('a displayed host', () => {
  it.each([
    ['https://alpha-eng.atlassian.net/wiki?x', 'alpha-eng.atlassian.net'],
    ['https://claude.ai@evil.example', 'evil.example'],
    ['https://\u0441laude.ai', 'xn--laude-0ye.ai'],
    ['\u0441laude.ai', '\uFFFDlaude.ai'],
    ['claude.ai\u2044evil.example', 'claude.ai\uFFFDevil.example'],
    ['localhost:53127', 'localhost:53127'],
    ['[::1]:53127', '[::1]:53127'],
    ['cursor://anysphere.cursor-retrieval', 'cursor://anysphere.cursor-retrieval'],
  ])('of %s is %s', (host, shown) => {
    expect(displayedHost(host)).toBe(shown);
  });
});

describe('a calendar day', () => {
  it.each([
    [Date.UTC(2026, 10, 3, 23, 59), '<time datetime="2026-11-03">3 November 2026</time>'],
    [0, '<time datetime="1970-01-01">1 January 1970</time>'],
    [Number.NaN, 'an unknown day'],
    [Infinity, 'an unknown day'],
    [9e15, 'an unknown day'],
  ])('of %d ms is %s', (ms, day) => {
    expect(calendarDay(ms).text).toBe(day);
  });
});
