import fc from 'fast-check';
import { expect, it } from 'vitest';

import { decodePointer, decodeTools, encodePointer, encodeTools } from '../src/entry-codec.ts';
import { toolListHash } from '../src/index.ts';

const HASH = toolListHash('[]');
const GOOD = { v: 1, hash: HASH, fetchedAt: 5, underScoped: false };

it.each([
  ['no JSON', '{"v":1'],
  ['null', 'null'],
  ['an array', '[]'],
  ['a string', '"x"'],
  ['an older version', JSON.stringify({ ...GOOD, v: 0 })],
  ['a newer version', JSON.stringify({ ...GOOD, v: 2 })],
  ['no hash', JSON.stringify({ ...GOOD, hash: undefined })],
  ['a hash that is none', JSON.stringify({ ...GOOD, hash: '../other' })],
  ['no time', JSON.stringify({ ...GOOD, fetchedAt: null })],
  ['no scope', JSON.stringify({ ...GOOD, underScoped: 'no' })],
])('reads a pointer with %s as absent', (_what, text) => {
  expect(decodePointer(text)).toBeUndefined();
});

it('writes the pointer that is documented', () => {
  const pointer = { hash: HASH, fetchedAt: 5, underScoped: true };

  expect(JSON.parse(encodePointer(pointer))).toEqual({ v: 1, ...pointer });
  expect(decodePointer(encodePointer(pointer))).toEqual(pointer);
});

it('never throws on a pointer or a text of any kind', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.uint8Array(), async (text, bytes) => {
      expect(decodePointer(text)).toBeUndefined();
      expect(await decodeTools(Buffer.from(bytes), HASH)).toBeUndefined();
    }),
  );
});

it('gives every text back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), fc.integer({ min: 1, max: 3_000 }), async (json, copies) => {
      const tools = `[${Array.from({ length: copies }, () => json).join(',')}]`;
      const stored = await encodeTools(tools);

      expect(stored && (await decodeTools(stored, toolListHash(tools)))).toBe(tools);
    }),
    { numRuns: 30 },
  );
});

it('makes a long list much smaller', async () => {
  const tools = JSON.stringify(
    Array.from({ length: 1_000 }, (_, at) => ({ name: `tool-${at}`, type: 'object' })),
  );
  const stored = await encodeTools(tools);

  expect(stored?.length).toBeLessThan(tools.length / 4);
});

it('neither keeps nor unpacks a text beyond every reason', async () => {
  const bomb = await encodeTools(' '.repeat(32 * 1024 * 1024));

  expect(await encodeTools(' '.repeat(32 * 1024 * 1024 + 1))).toBeUndefined();
  expect(bomb?.length).toBeLessThan(10_000);
  expect(bomb && (await decodeTools(bomb, HASH))).toBeUndefined();
});
