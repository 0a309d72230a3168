import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { escapedJson, hiddenIn, visibleJson, visibleText } from '../../src/drift/hidden-characters.ts';
import { HIDDEN } from './hidden-texts.ts';

/** As a JSON library may write it: the character itself, or its escape. */
const SPELLINGS: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => JSON.stringify(text)],
  ['escaped', (text) => `"${escapeAll(text)}"`],
  [
    'escaped in capitals',
    (text) =>
      `"${escapeAll(text)
        .toUpperCase()
        .replaceAll(String.raw`\U`, String.raw`\u`)}"`,
  ],
];

function escapeAll(text: string): string {
  return Array.from(
    { length: text.length },
    (_, at) => String.raw`\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}

describe.each(SPELLINGS)('a hidden character written %s', (_name, spell) => {
  it.each(HIDDEN)('is taken out: %s', (_what, character) => {
    const json = `{"description":${spell(`Reads${character} issues`)}}`;

    expect(JSON.parse(visibleJson(json))).toEqual({ description: 'Reads issues' });
  });

  it.each(HIDDEN)(
    'in a name, a key or a choice is told from one that is only read: %s',
    (_what, character) => {
      const text = spell(`a${character}b`);

      expect(hiddenIn(`{"name":"x","description":${text}}`)).toBe('display');
      expect(hiddenIn(`{"name":"x","inputSchema":{"properties":{"p":{"title":${text}}}}}`)).toBe('display');
      expect(hiddenIn(`{"name":${text}}`)).toBe('sent');
      expect(hiddenIn(`{"name":"x","inputSchema":{"properties":{${text}:{}}}}`)).toBe('sent');
      expect(hiddenIn(`{"name":"x","inputSchema":{"properties":{"p":{"enum":[${text}]}}}}`)).toBe('sent');
    },
  );
});

describe('everything else', () => {
  it.each([
    ['line breaks and tabs', String.raw`{"description":"one\n\ttwo"}`],
    ['space between values', '{\r\n\t"description" : "one"\n}'],
    ['a backslash before a u', String.raw`{"pattern":"[\\u200b]\\b","path":"C:\\users"}`],
    ['numbers as they are', '{"maximum":9007199254740993,"minimum":1.0e2}'],
    ['letters of all scripts', '{"description":"日本語 العربية हिन्दी é ß 𝒳 😀"}'],
    ['a pair of escapes that is one letter', String.raw`{"description":"\ud83d\ude00 \u00e9"}`],
    ['an escaped slash and quote', String.raw`{"description":"a\/b \"c\""}`],
  ])('stays byte for byte: %s', (_name, json) => {
    expect(visibleJson(json)).toBe(json);
    expect(hiddenIn(json)).toBe('nowhere');
  });

  it('stays around what is taken out', () => {
    const json = String.raw`{ "a": 1.0, "d":"x\u200by\u00e9\\u200b${'\u{E0041}'}z\n" }`;

    expect(visibleJson(json)).toBe(String.raw`{ "a": 1.0, "d":"xy\u00e9\\u200bz\n" }`);
  });
});

describe('any JSON value', () => {
  it('keeps its structure, and its strings lose what is hidden and nothing more', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...HIDDEN.map(([, each]) => each)),
    );
    const value = fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.oneof(anyText, fc.array(anyText), fc.double()),
    );
    fc.assert(
      fc.property(value, (any) => {
        const json = JSON.stringify(any);
        const expected: unknown = JSON.parse(json, (_key, each: unknown) =>
          typeof each === 'string' ? visibleText(each) : each,
        );
        const visible = visibleJson(json);
        expect(JSON.parse(visible)).toEqual(expected);
        expect(visibleJson(visible)).toBe(visible);
      }),
    );
  });
});

it('shows a person what is hidden as its escape', () => {
  expect(escapedJson('{"d":"a\u200bb\u{E0041}"}')).toBe(String.raw`{"d":"a\u200bb\udb40\udc41"}`);
});
