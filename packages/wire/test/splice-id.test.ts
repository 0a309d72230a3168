import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { answerKind, createIdSource, splitAtId } from '../src/index.ts';

const ID = '"sy-1-n0nce"';
const BIG = 'x'.repeat(5 * 1024 * 1024);

function spliced(body: string, idText = '42'): string | undefined {
  const parts = splitAtId(Buffer.from(body), ID);
  return parts && parts.before.toString() + idText + parts.after.toString();
}

describe('splitAtId', () => {
  it.each([
    '',
    '{}',
    ID,
    `[${ID}]`,
    `{"jsonrpc":"2.0","id":"sy-2-n0nce","result":{}}`,
    `{"jsonrpc":"2.0","id":"sy-1-n0nce-more","result":{}}`,
    `{"jsonrpc":"2.0","requestId":${ID},"result":{}}`,
    `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${ID}}}`,
    `{"jsonrpc":"2.0","method":"notifications/message","params":{"id":${ID}}}`,
    `{"jsonrpc":"2.0","id":1,"result":{"id":${ID}}}`,
    `{"jsonrpc":"2.0","id":1,"result":{"text":${JSON.stringify(`"id":${ID}`)}}}`,
    `{"result":{"a":["${BIG}",{"id":${ID}}]},"jsonrpc":"2.0","id":1}`,
  ])('finds no id in %.80s', (body) => {
    expect(spliced(body)).toBeUndefined();
  });

  it.each<[string, (id: string) => string]>([
    ['first', (id) => `{"id":${id},"jsonrpc":"2.0","result":{}}`],
    ['second', (id) => `{"jsonrpc":"2.0","id":${id},"result":{}}`],
    ['last', (id) => `{"result":{"a":1},"jsonrpc":"2.0","id":${id}}`],
    ['last but one', (id) => `{"result":{"a":1},"id":${id},"jsonrpc":"2.0"}`],
    ['of an error', (id) => `{"jsonrpc":"2.0","error":{"code":1,"message":"m"},"id":${id}}`],
    ['between white space', (id) => `\n{ "jsonrpc" : "2.0" ,\r\n\t"id"\t:\n ${id} ,"result" : { } }\n`],
    ['behind a great deal of it', (id) => `{"result":{},"id":${' '.repeat(200)}${id}${' '.repeat(200)}}`],
    ['first of 5 MB', (id) => `{"jsonrpc":"2.0","id":${id},"result":{"a":"${BIG}"}}`],
    ['last of 5 MB', (id) => `{"result":{"a":"${BIG}"},"jsonrpc":"2.0","id":${id}}`],
    ['in the middle of 10 MB', (id) => `{"result":{"a":"${BIG}"},"id":${id},"_meta":{"a":"${BIG}"}}`],
    ['after the same id in the result', (id) => `{"result":{"id":${ID}},"jsonrpc":"2.0","id":${id}}`],
    ['before the same id in the result', (id) => `{"jsonrpc":"2.0","id":${id},"result":{"id":${ID}}}`],
    [
      'after it under another key',
      (id) => `{"result":{"_meta":{"requestId":${ID}}},"jsonrpc":"2.0","id":${id}}`,
    ],
    ['after it in a text', (id) => `{"result":{"t":${JSON.stringify(`{"id":${ID}`)}},"id":${id}}`],
    [
      'after it in 5 MB',
      (id) => `{"result":[{"id":${ID}},"${BIG}",{"id":${ID}}],"jsonrpc":"2.0","id":${id}}`,
    ],
    ['between others', (id) => `{"a":{"id":${ID}},"id":${id},"b":{"id":${ID}}}`],
    [
      'beside letters of several bytes',
      (id) => `{"result":"${'é🦊'.repeat(400)}","id":${id},"x":"${'é'.repeat(900)}"}`,
    ],
    ['beside escapes', (id) => `{"result":"\\\\\\"{[","id":${id},"x":"}"}`],
  ])('exchanges the id that is %s', (_, body) => {
    expect(spliced(body(ID))).toBe(body('42'));
  });

  it('exchanges the id of any answer and nothing else', () => {
    const echo = fc.constantFrom({ id: 'sy-1-n0nce' }, ['sy-1-n0nce'], `"id":${ID}`, {
      requestId: 'sy-1-n0nce',
    });
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), echo),
        fc.oneof(fc.jsonValue(), echo),
        fc.nat(2),
        (a, b, place) => {
          const members = [`"result":${JSON.stringify(a)}`, `"_meta":${JSON.stringify(b)}`];
          const write = (id: string): string => `{${members.toSpliced(place, 0, `"id":${id}`).join(',')}}`;
          expect(spliced(write(ID))).toBe(write('42'));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('looks at a body full of false ids once, not once for each', () => {
    const body = `{"result":[${Array.from({ length: 100_000 }, () => `{"id":${ID}}`).join(',')},"${BIG}"],"id":${ID}${' '.repeat(2_000)}}`;

    expect(spliced(body)).toHaveLength(body.length - ID.length + 2);
  });
});

describe('an id source', () => {
  it('never gives an id twice, and only ids that need no escape', () => {
    const ids = createIdSource('n0-n_ce');
    const given = Array.from({ length: 1_000 }, () => ids.next());

    expect(new Set(given).size).toBe(1_000);
    for (const id of given) expect(id).toMatch(/^"\^sy-[0-9a-z]+-n0-n_ce"$/);
  });
});

describe('answerKind', () => {
  const long = 'y'.repeat(2_000);

  it.each([
    ['{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"m"}}', 'error'],
    ['{"error" : { "code":1},"jsonrpc":"2.0","id":1}', 'error'],
    ['{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[]}}', 'tool-error'],
    [`{"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"${long}"}],"isError" : true}}`, 'tool-error'],
    [`{"result":{"isError":true,"content":["${long}"]},"id":1}`, 'tool-error'],
    ['{"jsonrpc":"2.0","id":1,"result":{"isError":false}}', 'result'],
    ['{"jsonrpc":"2.0","id":1,"result":{}}', 'result'],
    [`{"jsonrpc":"2.0","id":1,"result":{"text":${JSON.stringify('"isError":true')}}}`, 'result'],
    [`{"jsonrpc":"2.0","id":1,"result":{"text":${JSON.stringify('"error":{}')}}}`, 'result'],
    [`{"jsonrpc":"2.0","id":1,"result":{"error":{"a":1}}}`, 'result'],
    ['', 'result'],
  ])('%.70s is a %s', (body, kind) => {
    expect(answerKind(Buffer.from(body))).toBe(kind);
  });
});
