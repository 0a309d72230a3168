import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalJson } from '../../src/drift/canonical-json.ts';

describe('two texts', () => {
  it.each([
    ['large numbers', '{"maximum":9007199254740993}', '{"maximum":9007199254740992}'],
    ['the order of a list', '{"required":["a","b"]}', '{"required":["b","a"]}'],
    ['a key that is there twice', '{"d":"evil","d":"good"}', '{"d":"good"}'],
    ['null and absence', '{"a":null}', '{}'],
    ['a text and a number', '{"a":"1"}', '{"a":1}'],
  ])('are told apart by %s', (_name, one, other) => {
    expect(canonicalJson(one)).not.toBe(canonicalJson(other));
  });

  it.each([
    ['the order of keys', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}'],
    ['space', '{"a":[1,2]}', ' { "a" : [ 1 ,\n2 ] } '],
    ['escapes', String.raw`{"a":"\u0041\/"}`, '{"a":"A/"}'],
  ])('are one by all but %s', (_name, one, other) => {
    expect(canonicalJson(one)).toBe(canonicalJson(other));
  });

  it('are one exactly when they are the same value', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (one, other) => {
        const values = [one, other].map((text) => JSON.stringify(JSON.parse(text)));
        expect(canonicalJson(JSON.stringify(JSON.parse(one), null, 2))).toBe(canonicalJson(one));
        if (values[0] === values[1]) expect(canonicalJson(one)).toBe(canonicalJson(other));
      }),
    );
  });
});

it('of a text that nests without end is still a text', () => {
  const bomb = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

  expect(canonicalJson(bomb)).toHaveLength(bomb.length);
});
