import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { answerKind, cacheable, COMPLETE, stampResult } from '../src/index.ts';

function stamped(body: string, stamp = COMPLETE): string | undefined {
  const pieces = stampResult(Buffer.from(body), stamp);
  return pieces && Buffer.concat(pieces).toString();
}

describe('a response without a result', () => {
  it.each([
    '',
    '{}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"m"}}',
    '{"error":{"code":1,"message":"\\"result\\":{"},"jsonrpc":"2.0","id":1}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","data":"\\"result\\" : {}"}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","data":{"result":{"a":1}}}}',
    '{"error":{"data":{"result":{"a":1}},"code":1,"message":"m"},"jsonrpc":"2.0","id":1}',
    ',"error":{"code":1,"message":"m","data":{"result":{"a":1}}}}',
    '{"jsonrpc":"2.0","id":1,"result":null}',
    '{"jsonrpc":"2.0","id":1,"result":"{}"}',
    '{"jsonrpc":"2.0","id":1,"result":[{}]}',
    '{"jsonrpc":"2.0","id":',
    '"id"',
  ])('gets no stamp: %s', (body) => {
    expect(stamped(body)).toBeUndefined();
  });
});

describe('a result', () => {
  it.each([
    ['{"jsonrpc":"2.0","id":1,"result":{"a":1}}', `{"jsonrpc":"2.0","id":1,"result":{${COMPLETE},"a":1}}`],
    ['{"result":{"a":1},"jsonrpc":"2.0","id":1}', `{"result":{${COMPLETE},"a":1},"jsonrpc":"2.0","id":1}`],
    ['{"jsonrpc":"2.0","id":1,"result":{}}', `{"jsonrpc":"2.0","id":1,"result":{${COMPLETE}}}`],
    [',"result":{"a":1}}', `,"result":{${COMPLETE},"a":1}}`],
    ['{"result":{},"id":1}', `{"result":{${COMPLETE}},"id":1}`],
    ['{ "result" : {\r\n\t} }', `{ "result" : {\r\n\t${COMPLETE}} }`],
    ['{ "result" :\n{ "a" : 1 } }', `{ "result" :\n{ ${COMPLETE},"a" : 1 } }`],
    ['{"result":{"result":{}}}', `{"result":{${COMPLETE},"result":{}}}`],
    ['{"id":"\\"result\\":{","result":{}}', `{"id":"\\"result\\":{","result":{${COMPLETE}}}`],
  ])('gets it first: %s', (body, expected) => {
    expect(stamped(body)).toBe(expected);
  });

  it.each([
    '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","a":1}}',
    '{"result":{ "resultType" : "input_required","inputRequests":{}},"id":1}',
  ])('that has its type already stays as it is: %s', (body) => {
    expect(stamped(body)).toBe(body);
  });

  it.each([
    ['empty', `{"result":{${' '.repeat(3_000)}},"id":1}`],
    ['filled', `{"result":{${'\n'.repeat(3_000)}"a":1},"id":1}`],
  ])('that begins with a great deal of white space is still JSON: %s', (_, body) => {
    expect(JSON.parse(stamped(body) ?? '')).toMatchObject({ result: { resultType: 'complete' }, id: 1 });
  });

  it('of 5 MB is not copied', () => {
    const body = Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"a":"${'x'.repeat(5 * 1024 * 1024)}"}}`);

    const pieces = stampResult(body, COMPLETE) ?? [];

    expect(pieces.map((piece) => piece.length)).toEqual([34, COMPLETE.length + 1, body.length - 34]);
    expect(pieces.at(-1)?.buffer).toBe(body.buffer);
  });

  it('of a list says how long it may be kept, and for whom', () => {
    expect(JSON.parse(stamped('{"result":{"tools":[]}}', cacheable(300_000)) ?? '')).toEqual({
      result: { resultType: 'complete', ttlMs: 300_000, cacheScope: 'private', tools: [] },
    });
  });

  it('keeps its value, whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), (result, idLast) => {
        fc.pre(!Object.hasOwn(result, 'resultType'));
        const message = idLast ? { result, jsonrpc: '2.0', id: 1 } : { jsonrpc: '2.0', id: 1, result };
        const after = JSON.parse(stamped(JSON.stringify(message)) ?? '') as { result: object };
        const { resultType, ...rest } = after.result as { resultType: string };
        expect(resultType).toBe('complete');
        expect(JSON.stringify(rest)).toBe(JSON.stringify(result));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the kind of an answer', () => {
  it.each([
    ['error', '{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"m","data":{"result":{"a":1}}}}'],
    ['error', '{"error":{"code":1,"message":"m","data":{"result":{}}},"jsonrpc":"2.0","id":"a"}'],
    ['error', '{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"m","data":{"isError":true}}}'],
    ['error', '{ "id" : 7 , "jsonrpc" : "2.0" , "error" : { "code" : 1 } }'],
    ['result', '{"jsonrpc":"2.0","id":"a","result":{"error":{"code":1}}}'],
    ['result', '{"jsonrpc":"2.0","id":"\\"error\\":{","result":{}}'],
    ['tool-error', '{"result":{"error":{"a":1},"isError":true},"jsonrpc":"2.0","id":"a"}'],
  ])('is %s for %s', (kind, body) => {
    expect(answerKind(Buffer.from(body))).toBe(kind);
  });
});
