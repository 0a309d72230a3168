import { describe, expect, it } from 'vitest';

import { readAnswerStart } from '../src/index.ts';

const ID = '"sy-1-n0nce"';
const FILL = 'x'.repeat(300);

function read(start: string): number | undefined {
  return readAnswerStart(Buffer.from(start), ID);
}

describe('the start of an answer that must be seen whole', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['half a key', '{"jsonrpc":"2.0","resu'],
    ['an error', `{"jsonrpc":"2.0","id":${ID},"error":{"code":1`],
    ['an error first', '{"error":{"code":1,"message":"m","data":{"result":{"a":1'],
    ['a notification', '{"jsonrpc":"2.0","method":"notifications/message","params":{"result":{"a":1'],
    ['another id', '{"jsonrpc":"2.0","id":"sy-2-n0nce","result":{"a":1'],
    ['no id', '{"jsonrpc":"2.0","id":null,"result":{"a":1'],
    ['a result that is null', `{"jsonrpc":"2.0","id":${ID},"result":null`],
    ['a result that is no object', `{"jsonrpc":"2.0","id":${ID},"result":["a"`],
    ['a result of which nothing is seen', `{"jsonrpc":"2.0","id":${ID},"result":{   `],
    ['another member first', `{"_meta":{},"id":${ID},"result":{"a":1`],
    ['another member first, without an id', '{"_meta":{},"result":{"a":1'],
    ['a member of that name twice', `{"id":1,"id":${ID},"result":{"a":1`],
    ['a great deal of white space', `{"id":${ID},${' '.repeat(300)}"result":{"a":1`],
    ['a result that repeats the id', `{"result":{"_meta":{"requestId":${ID}},"a":"${FILL}`],
    ['a byte order mark', `\uFEFF{"id":${ID},"result":{"a":1`],
    ['an array', `[{"id":${ID},"result":{"a":1`],
    ['a page', '<!doctype html>'],
  ])('is %s', (_, start) => {
    expect(read(start)).toBeUndefined();
  });
});

describe('the start of a result', () => {
  it.each<[string, string]>([
    ['behind the version', `{"jsonrpc":"2.0","id":${ID},"result":{"a":1`],
    ['first', `{"id":${ID},"jsonrpc":"2.0","result":{"a":1`],
    ['between white space', `\n{ "jsonrpc" : "2.0" ,\r\n\t"id" :\n ${ID} , "result" : { }`],
    ['also in the result', `{"id":${ID},"result":{"requestId":${ID},"a":"${FILL}`],
  ])('has the id in front: %s', (_, start) => {
    expect(read(start)).toBe(start.indexOf(ID));
  });

  it.each<[string, string]>([
    ['nothing', '{"result":{"a":1'],
    ['the version', '{ "jsonrpc":"2.0" , "result" : {"a":1'],
    ['a result that is empty', '{"result":{}'],
  ])('has the id behind it after %s', (_, start) => {
    expect(read(start)).toBe(-1);
  });
});
