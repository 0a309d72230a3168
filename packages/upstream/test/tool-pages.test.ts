import { createIdSource, placeOfId } from '@switchyard/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { UpstreamAnswer } from '../src/index.ts';
import { createToolPages } from '../src/tool-pages.ts';

const HOST = 'site.example';
const ids = createIdSource('nonce');

/** The answer to a request of its own, with this text after the id. */
function answerOf(rest: string, before = '{"jsonrpc":"2.0","id":'): UpstreamAnswer {
  const idText = ids.next();
  const body = Buffer.from(before + idText + rest);
  return { body, idText, idAt: placeOfId(body, idText), era: 'legacy' };
}

const pageOf = (result: string): UpstreamAnswer => answerOf(`,"result":${result}}`);

describe('an answer that is as long as one before', () => {
  it.each([
    ['one that is no JSON', '{"tools":[{"name":a"}]}'],
    ['one without a list', '{"tools":{"name":"aa"}}'],
    ['one whose list has another name', '{"tolls":[{"name":"a"}]}'],
  ])('is no page because of that: %s', (_, bad) => {
    const good = '{"tools":[{"name":"a"}]}';
    expect(bad.length).toBeLessThanOrEqual(good.length);
    const read = createToolPages();
    read(pageOf(good.padEnd(24)), HOST);

    expect(() => read(pageOf(bad.padEnd(24)), HOST)).toThrow(HOST);
    expect(read(pageOf(good.padEnd(24)), HOST).tools).toBe('[{"name":"a"}]');
  });

  it.each([
    ['{"tools":[{"name":"a"}]}', '{"tools":[{"name":"b"}]}'],
    ['{"tools":[],"nextCursor":"1"}', '{"tools":[],"nextCursor":"2"}'],
  ])('is read for itself: %s and %s', (first, second) => {
    const read = createToolPages();
    read(pageOf(first), HOST);

    expect(read(pageOf(second), HOST)).toEqual(createToolPages()(pageOf(second), HOST));
  });

  it('is not the same when the id only stands elsewhere', () => {
    const read = createToolPages();
    const first = read(answerOf('}', '{"result":{"tools":[1]},"id":'), HOST);

    expect(read(answerOf(',"result":{"tools":[2]}}', '{"id":'), HOST)).not.toBe(first);
  });
});

it('pages are read once, whoever sends them and whatever the id', () => {
  const read = createToolPages();
  const result = '{"tools":[{"name":"a"}],"nextCursor":"x"}';

  const page = read(pageOf(result), HOST);
  expect(page).toEqual({ tools: '[{"name":"a"}]', cursor: '"x"' });
  for (let count = 0; count < 50; count += 1) expect(read(pageOf(result), 'other.example')).toBe(page);
});

it('what is remembered changes no answer', () => {
  const name = fc.constantFrom('a', 'b', 'é', '"\\');
  const tools = fc.array(fc.record({ name, x: fc.constantFrom(1, 2) }), { maxLength: 2 });
  const result = fc.record({ tools, nextCursor: fc.constantFrom(undefined, null, '', 'a', 'b') });
  fc.assert(
    fc.property(fc.array(result, { maxLength: 30 }), (results) => {
      const read = createToolPages();
      for (const each of results) {
        const text = JSON.stringify(each);
        expect(read(pageOf(text), HOST)).toEqual(createToolPages()(pageOf(text), HOST));
      }
    }),
  );
});
