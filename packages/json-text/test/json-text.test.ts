import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  duplicateKey,
  editObject,
  elements,
  members,
  membersAlong,
  memberText,
  textOf,
} from '../src/index.ts';

const space = fc.constantFrom('', ' ', '\n', '\t\r\n  ');

/** The same value written by another hand: spaces wherever JSON allows them. */
function spaced(value: unknown, gap: string): string {
  if (Array.isArray(value)) return `[${gap}${value.map((v) => spaced(v, gap)).join(`${gap},${gap}`)}${gap}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}${gap}:${gap}${spaced(v, gap)}`);
  return `{${gap}${inner.join(`${gap},${gap}`)}${gap}}`;
}

describe('members', () => {
  it('finds nothing where there is no object', () => {
    expect(members('[1]')).toBeUndefined();
    expect(members('"{}"')).toBeUndefined();
    expect(elements('{}')).toBeUndefined();
  });

  it('cuts every object exactly where JSON.parse would', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), space, (value, gap) => {
        const text = spaced(value, gap);
        const cut = members(text) ?? [];
        expect(cut.map((m) => [m.key, JSON.parse(text.slice(m.start, m.end))])).toEqual(
          Object.entries(JSON.parse(text) as object),
        );
      }),
    );
  });

  it('finds the objects along a path in one walk, each as it would be found alone', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue());
    const nested = fc.record({
      a: fc.oneof(fc.record({ b: fc.oneof(object, fc.jsonValue()), c: object }), object),
    });
    fc.assert(
      fc.property(fc.oneof(nested, object), space, (value, gap) => {
        const text = gap + spaced(value, gap);
        const found = membersAlong(text, ['a', 'b']);
        let part: string | undefined = text;
        for (const [level, each] of found.entries()) {
          expect(each).toEqual(members(part ?? ''));
          part = textOf(part ?? '', each, ['a', 'b'][level] ?? '');
        }
        if (found.length < 3) expect(members(part ?? '')).toBeUndefined();
      }),
    );
  });

  it.each([
    ['{"a":{"b":1},"a":{"c":2}}', [['c']]],
    ['{"a":{"b":1},"a":2}', []],
    ['{"\\u0061":{"b":1}}', [['b']]],
    ['[{"a":{}}]', undefined],
  ])('counts the last of a key that is there twice: %s', (text, expected) => {
    const [own, ...inner] = membersAlong(text, ['a']);
    expect(own && inner.map((found) => found.map(({ key }) => key))).toEqual(expected);
  });

  it('cuts every array exactly where JSON.parse would', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), space, (value, gap) => {
        const text = spaced(value, gap);
        expect((elements(text) ?? []).map((t) => JSON.parse(t))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['{"a":"\\\\","b":1}', { a: '"\\\\"', b: '1' }],
    ['{"a":"\\"","b":"}"}', { a: '"\\""', b: '"}"' }],
    ['{"a":"\\\\\\"x","b":[{"c":"]"}]}', { a: '"\\\\\\"x"', b: '[{"c":"]"}]' }],
    ['{"\\u0061":9007199254740993}', { a: '9007199254740993' }],
  ])('is not fooled by escapes: %s', (text, expected) => {
    const found = Object.fromEntries((members(text) ?? []).map((m) => [m.key, text.slice(m.start, m.end)]));
    expect(found).toEqual(expected);
  });

  it('takes the last of two equal keys, as JSON.parse does', () => {
    expect(memberText('{"a":1,"a":2}', 'a')).toBe('2');
    expect(duplicateKey('{"a":1,"\\u0061":2}')).toBe('a');
    expect(duplicateKey('{"a":1,"b":{"a":1}}')).toBeUndefined();
  });

  it('walks a long string of backslashes in linear time', () => {
    const text = JSON.stringify({ a: '\\'.repeat(500_000), b: '"'.repeat(500_000) });
    expect(members(text)?.length).toBe(2);
  });
});

describe('editObject', () => {
  it('leaves the bytes of every other member alone', () => {
    expect(editObject('{"a": 1.0, "big":9007199254740993,"u":"\u2028"}', { a: '"x"' })).toBe(
      '{"a":"x","big":9007199254740993,"u":"\u2028"}',
    );
  });

  it('adds, replaces and removes, and keeps one of several duplicates', () => {
    expect(editObject('{"a":1,"b":2,"a":3}', { a: '4', b: undefined, c: '5' })).toBe('{"a":4,"c":5}');
    expect(editObject('{}', { a: '1' })).toBe('{"a":1}');
  });

  it('agrees with an edit of the parsed value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.jsonValue(),
        (value, key, next) => {
          fc.pre(key !== '__proto__');
          const edited = JSON.parse(
            editObject(JSON.stringify(value), { [key]: JSON.stringify(next) }),
          ) as unknown;
          expect(edited).toEqual(JSON.parse(JSON.stringify({ ...value, [key]: next })));
        },
      ),
    );
  });
});
