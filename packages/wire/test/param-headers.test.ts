import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  HEADER_MISMATCH,
  paramHeaderFault,
  paramHeaders,
  type RequestHeaders,
  writeParamHeaders,
} from '../src/index.ts';

const text = JSON.stringify;
const REGION = paramHeaders(text({ properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } }));

function fault(args: unknown, headers: RequestHeaders, expected = REGION): string | undefined {
  const found = paramHeaderFault(expected, args, headers);
  if (found) expect(found.code).toBe(HEADER_MISMATCH);
  return found?.message;
}

describe('the annotated arguments of a schema', () => {
  const annotated = { type: 'string', 'x-mcp-header': 'Region' };

  it.each<[string, unknown]>([
    ['without one', { properties: { a: { type: 'string' } } }],
    ['that is no object', true],
    ['with it at the top', annotated],
    ['with it in items', { properties: { a: { type: 'array', items: annotated } } }],
    ['with it below items', { properties: { a: { items: { properties: { b: annotated } } } } }],
    ['with it in allOf', { allOf: [{ properties: { a: annotated } }] }],
    ['with it in anyOf of a property', { properties: { a: { anyOf: [annotated] } } }],
    ['with it in $defs', { $defs: { a: annotated }, properties: { a: { $ref: '#/$defs/a' } } }],
    ['with it in additionalProperties', { additionalProperties: annotated }],
    ['with it in patternProperties', { patternProperties: { '^a': annotated } }],
    ['with it in a default', { properties: { a: { default: annotated, description: 'x-mcp-header' } } }],
    ['with properties that are a list', { properties: [annotated] }],
    ['with a number for a name', { properties: { a: { 'x-mcp-header': 5 } } }],
    ['with an object for a name', { properties: { a: { 'x-mcp-header': { name: 'Region' } } } }],
    ['with an empty name', { properties: { a: { 'x-mcp-header': '' } } }],
    ['with a name that is no token', { properties: { a: { 'x-mcp-header': 'a b' } } }],
    ['with a name that breaks the line', { properties: { a: { 'x-mcp-header': 'a\r\nhost: b' } } }],
  ])('%s are none', (_, schema) => {
    expect(paramHeaders(text(schema))).toEqual([]);
  });

  it('are found through properties at any depth, with escapes in keys', () => {
    const schema = `{"properties":{"a":{"properties":{"\\u0062":{"x-mcp-header":"Deep"}}},"properties":{"x-mcp-header":"P"},"x-mcp-header":{"x-mcp-header":"H"}}}`;

    expect(paramHeaders(schema)).toEqual([
      { header: 'mcp-param-deep', path: ['a', 'b'] },
      { header: 'mcp-param-p', path: ['properties'] },
      { header: 'mcp-param-h', path: ['x-mcp-header'] },
    ]);
  });

  it('of a schema nested without end are looked for to a bound', () => {
    const levels = 10_000;
    const schema = `${'{"properties":{"a":'.repeat(levels)}{"x-mcp-header":"Far"}${'}}'.repeat(levels)}`;

    expect(paramHeaders(schema)).toEqual([]);
  });
});

describe('the headers of a request', () => {
  it.each<[string, unknown, RequestHeaders]>([
    ['agree', { region: 'eu' }, { 'mcp-param-region': 'eu' }],
    ['agree with white space around them', { region: 'eu' }, { 'mcp-param-region': ' eu\t' }],
    ['agree in base64', { region: 'Zürich' }, { 'mcp-param-region': '=?base64?WsO8cmljaA==?=' }],
    ['agree where both are empty', { region: '' }, { 'mcp-param-region': '' }],
    ['agree on true', { region: true }, { 'mcp-param-region': 'true' }],
    ['agree on an integer', { region: 42 }, { 'mcp-param-region': '42' }],
    ['agree on an integer written with a fraction', { region: 42 }, { 'mcp-param-region': '42.0' }],
    ['agree on a negative one', { region: -7 }, { 'mcp-param-region': '-7' }],
    ['agree on one with zeros before it', { region: 7 }, { 'mcp-param-region': '007' }],
    ['agree on one beyond 2^53', { region: 2 ** 70 }, { 'mcp-param-region': String(2n ** 70n) }],
    ['are absent for an absent argument', {}, {}],
    ['are absent for null', { region: null }, {}],
    ['are absent without arguments', undefined, {}],
    ['may name parameters that nobody knows', {}, { 'mcp-param-other': 'x' }],
  ])('%s', (_, args, headers) => {
    expect(fault(args, headers)).toBeUndefined();
  });

  it.each<[string, unknown, RequestHeaders, string]>([
    ['is missing', { region: 'eu' }, {}, 'is missing'],
    ['is missing for an empty text', { region: '' }, {}, 'is missing'],
    ['is missing for false', { region: false }, {}, 'is missing'],
    ['differs', { region: 'eu' }, { 'mcp-param-region': 'us' }, "'us' does not match body value 'eu'"],
    ['differs in case', { region: 'eu' }, { 'mcp-param-region': 'EU' }, 'does not match'],
    ['is broken base64', { region: 'eu' }, { 'mcp-param-region': '=?base64?%?=' }, 'not valid base64'],
    ['has no argument', {}, { 'mcp-param-region': 'eu' }, 'no value in the body'],
    ['has null for its argument', { region: null }, { 'mcp-param-region': 'null' }, 'no value in the body'],
    ['is another number', { region: 42 }, { 'mcp-param-region': '43' }, 'does not match'],
    ['is a number for a text', { region: '42' }, { 'mcp-param-region': '42.0' }, 'does not match'],
    ['is no decimal number', { region: 16 }, { 'mcp-param-region': '0x10' }, 'does not match'],
    ['is empty for zero', { region: 0 }, { 'mcp-param-region': '' }, 'does not match'],
    ['is a text for an object', { region: { a: 1 } }, { 'mcp-param-region': '[object Object]' }, 'match'],
  ])('are refused where one %s', (_, args, headers, message) => {
    expect(fault(args, headers)).toContain(message);
    expect(fault(args, headers)).toMatch(/^Header mismatch: Mcp-Param-region /);
  });

  it.each([
    ['a list', [{ region: 'eu' }]],
    ['a text', 'region'],
    ['a number', 5],
  ])('want nothing where the arguments are %s', (_, args) => {
    expect(fault(args, {})).toBeUndefined();
    expect(writeParamHeaders(REGION, args)).toEqual({});
  });

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'take nothing from an argument that every object has: %s',
    (key) => {
      const expected = paramHeaders(`{"properties":{${text(key)}:{"x-mcp-header":"X"}}}`);

      expect(writeParamHeaders(expected, {})).toEqual({});
      expect(fault({}, {}, expected)).toBeUndefined();
      expect(writeParamHeaders(expected, JSON.parse(`{${text(key)}:"v"}`))).toEqual({ 'mcp-param-x': 'v' });
    },
  );

  it('that are written for the next hop agree with the arguments', () => {
    const expected = paramHeaders(
      text({
        properties: {
          a: { 'x-mcp-header': 'A' },
          b: { properties: { c: { 'x-mcp-header': 'B-C' } } },
        },
      }),
    );
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(value, fc.option(value, { nil: undefined }), (a, c) => {
        const args: unknown = JSON.parse(text({ a, b: { c } }));
        const headers = writeParamHeaders(expected, args);
        expect(fault(args, headers, expected)).toBeUndefined();
        expect(Object.keys(headers)).toHaveLength(
          [a, c].filter((each) => each !== null && each !== undefined).length,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
