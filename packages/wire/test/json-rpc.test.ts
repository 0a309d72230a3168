import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  errorText,
  INVALID_REQUEST,
  negotiateVersion,
  LATEST_LEGACY_VERSION,
  LEGACY_VERSIONS,
  PARSE_ERROR,
  readMessage,
  requestText,
  resultText,
} from '../src/index.ts';

const nested = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
const request = (rest: string): string => `{"jsonrpc":"2.0","id":1,"method":"m"${rest}}`;

describe('a body that is no message', () => {
  it.each<[string, number, string]>([
    ['', PARSE_ERROR, 'null'],
    [' ', PARSE_ERROR, 'null'],
    ['nonsense', PARSE_ERROR, 'null'],
    ['{', PARSE_ERROR, 'null'],
    ['{"jsonrpc":"2.0","id":1,"method":"m"', PARSE_ERROR, 'null'],
    [`${request('')} ${request('')}`, PARSE_ERROR, 'null'],
    [`\uFEFF${request('')}`, PARSE_ERROR, 'null'],
    ["{'jsonrpc':'2.0'}", PARSE_ERROR, 'null'],
    ['{"jsonrpc":"2.0","id":01,"method":"m"}', PARSE_ERROR, 'null'],
    ['{"jsonrpc":"2.0","id":"\n","method":"m"}', PARSE_ERROR, 'null'],
    ['null', INVALID_REQUEST, 'null'],
    ['true', INVALID_REQUEST, 'null'],
    ['7', INVALID_REQUEST, 'null'],
    ['"text"', INVALID_REQUEST, 'null'],
    ['[]', INVALID_REQUEST, 'null'],
    [`[${request('')}]`, INVALID_REQUEST, 'null'],
    [`[${request('')},${request('')}]`, INVALID_REQUEST, 'null'],
    ['{}', INVALID_REQUEST, 'null'],
    ['{"id":1,"method":"m"}', INVALID_REQUEST, '1'],
    ['{"jsonrpc":"1.0","id":1,"method":"m"}', INVALID_REQUEST, '1'],
    ['{"jsonrpc":2.0,"id":"x","method":"m"}', INVALID_REQUEST, '"x"'],
    ['{"jsonrpc":"2.0","id":1}', INVALID_REQUEST, '1'],
    ['{"jsonrpc":"2.0"}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","result":{}}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","id":null,"result":{}}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","id":null,"method":"m"}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","id":1.5,"method":"m"}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","id":1e999,"method":"m"}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","id":true,"method":"m"}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","id":{},"method":"m"}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","id":[1],"method":"m"}', INVALID_REQUEST, 'null'],
    ['{"jsonrpc":"2.0","id":1,"method":7}', INVALID_REQUEST, '1'],
    ['{"jsonrpc":"2.0","id":1,"method":null}', INVALID_REQUEST, '1'],
    [request(',"params":[]'), INVALID_REQUEST, '1'],
    [request(',"params":null'), INVALID_REQUEST, '1'],
    [request(',"params":"x"'), INVALID_REQUEST, '1'],
    [request(',"params":7'), INVALID_REQUEST, '1'],
    [request(',"method":"other"'), INVALID_REQUEST, '1'],
    [request(',"m\\u0065thod":"other"'), INVALID_REQUEST, '1'],
    [request(',"params":{},"params":{"name":"other"}'), INVALID_REQUEST, '1'],
    [request(',"params":{"name":"a","n\\u0061me":"b"}'), INVALID_REQUEST, '1'],
    ['{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}', INVALID_REQUEST, '2'],
    [nested(65), INVALID_REQUEST, 'null'],
    ['['.repeat(1_000_000), INVALID_REQUEST, 'null'],
    ['{"a":'.repeat(1_000_000), INVALID_REQUEST, 'null'],
  ])('%.60s is refused', (text, code, idText) => {
    expect(readMessage(text)).toMatchObject({ kind: 'invalid', idText, fault: { code } });
  });

  it('is told what is wrong with it', () => {
    expect(readMessage(request(',"params":{"a":1,"a":2}'))).toMatchObject({
      fault: { message: 'Invalid Request: "a" is given twice' },
    });
    expect(readMessage('[]')).toMatchObject({
      fault: { message: expect.stringContaining('batches') as string },
    });
  });

  it('never makes the reader throw', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\\',
      '\\u00',
      '"jsonrpc"',
      '"2.0"',
      '"id"',
      '"method"',
      '"params"',
      '1',
      'null',
      ' ',
      '\u0000',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join('')),
      fc.jsonValue().map((params) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'm', params })),
    );
    fc.assert(
      fc.property(text, (text) => {
        expect(['request', 'notification', 'response', 'invalid']).toContain(readMessage(text).kind);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a request', () => {
  it.each([
    ['1'],
    ['0'],
    ['-7'],
    ['"1"'],
    ['""'],
    ['"sy-1"'],
    ['"\\u00e9\\""'],
    ['9007199254740993'],
    ['123456789012345678901234567890'],
    ['1.0'],
    ['1e3'],
  ])('keeps the id %s as it was written', (idText) => {
    expect(readMessage(`{"jsonrpc":"2.0","id": ${idText} ,"method":"m"}`)).toMatchObject({
      kind: 'request',
      idText,
    });
  });

  it('keeps the bytes of its params', () => {
    const paramsText = '{ "big":9007199254740993, "u":"\\u00e9" }';

    expect(readMessage(request(`,"params":${paramsText}`))).toMatchObject({ method: 'm', paramsText });
  });

  it('without params has empty ones', () => {
    expect(readMessage(request(''))).toEqual({
      kind: 'request',
      idText: '1',
      method: 'm',
      params: {},
      paramsText: '{}',
      paramsMembers: [],
      argumentsMembers: undefined,
    });
  });

  it('may be as deep as 64 levels, and may hold brackets in texts', () => {
    const params = nested(63);

    expect(readMessage(request(`,"params":${params}`)).kind).toBe('request');
    expect(readMessage(request(`,"params":{"a":${JSON.stringify('[{"\\'.repeat(100))}}`)).kind).toBe(
      'request',
    );
  });

  it('may have a key twice deep inside, where the rules look themselves', () => {
    expect(readMessage(request(',"params":{"arguments":{"a":1,"a":2}}')).kind).toBe('request');
  });
});

describe('the other messages', () => {
  it.each([
    ['{"jsonrpc":"2.0","method":"notifications/initialized"}', 'notification'],
    ['{"jsonrpc":"2.0","method":"m","params":{"a":1}}', 'notification'],
    ['{"jsonrpc":"2.0","id":1,"result":{}}', 'response'],
    ['{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"m"}}', 'response'],
  ])('%s is a %s', (text, kind) => {
    expect(readMessage(text).kind).toBe(kind);
  });
});

describe('what is written', () => {
  it('is what is read', () => {
    const text = requestText('"a"', 'tools/"call"', '{"x":9007199254740993}');

    expect(readMessage(text)).toMatchObject({
      idText: '"a"',
      method: 'tools/"call"',
      paramsText: '{"x":9007199254740993}',
    });
    expect(resultText('9007199254740993', '{"a": 1.0}')).toBe(
      '{"jsonrpc":"2.0","id":9007199254740993,"result":{"a": 1.0}}',
    );
    expect(JSON.parse(errorText('null', { code: -32600, message: 'a "b"' }))).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32600, message: 'a "b"' },
    });
  });
});

describe('negotiateVersion', () => {
  it.each([undefined, null, 7, {}, '', '2024-11-05', '2026-07-28', '1.0.0', ['2025-06-18']])(
    'answers %j with the newest of the session era',
    (requested) => {
      expect(negotiateVersion(requested)).toBe(LATEST_LEGACY_VERSION);
    },
  );

  it('answers every version that it knows with the same', () => {
    expect(LEGACY_VERSIONS.map(negotiateVersion)).toEqual(LEGACY_VERSIONS);
    expect(LEGACY_VERSIONS[0]).toBe(LATEST_LEGACY_VERSION);
  });
});
