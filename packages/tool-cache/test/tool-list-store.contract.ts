import { describe, expect, it, vi } from 'vitest';

import type { ToolListKey, ToolListStore } from '../src/index.ts';
import { keyOf, storedOf } from './fixture.ts';

const TTL_MS = 60_000;
const SHORT_TTL_MS = 30;

/** What every store must do. Two stores of one `open()` are two replicas on the same data. */
export function describeToolListStore(
  name: string,
  open: () => { readonly one: ToolListStore; readonly other: ToolListStore },
): void {
  describe(`${name} as a tool list store`, () => {
    it('refuses every operation once it is closed, and closes twice', async () => {
      const { one } = open();
      await one.close();
      await one.close();

      const refused = { code: 'store_unavailable', retryable: true };
      await expect(one.read(keyOf())).rejects.toMatchObject(refused);
      await expect(one.write(keyOf(), storedOf('[]', 1), TTL_MS)).rejects.toMatchObject(refused);
      await expect(one.remove(keyOf())).rejects.toMatchObject(refused);
      await expect(one.tryLock(keyOf(), TTL_MS)).rejects.toMatchObject(refused);
    });

    it('knows nothing of a key that was never written', async () => {
      const { one } = open();

      expect(await one.read(keyOf())).toBeUndefined();
    });

    it('forgets a list when its time is over', async () => {
      const { one } = open();
      await one.write(keyOf(), storedOf('[]', 1), SHORT_TTL_MS);

      await vi.waitFor(async () => expect(await one.read(keyOf())).toBeUndefined());
    });

    it.each([
      ['an empty list', '[]'],
      ['text beyond ASCII', '[{"name":"Vorgänge 日本 🚀","n":12345678901234567890}]'],
      ['odd spacing', '[ {"a" : 1.0 }\n,\t{}\r\n]'],
      ['a long list', JSON.stringify(Array.from({ length: 3_000 }, (_, at) => ({ name: `tool-${at}` })))],
    ])('gives %s back byte for byte', async (_what, tools) => {
      const { one, other } = open();
      const list = { ...storedOf(tools, 17), underScoped: true };
      await one.write(keyOf(), list, TTL_MS);

      expect(await other.read(keyOf())).toEqual(list);
    });

    it('replaces a list by the next one', async () => {
      const { one, other } = open();
      await one.write(keyOf(), storedOf('["old"]', 1), TTL_MS);
      await other.write(keyOf(), storedOf('["new"]', 2), TTL_MS);

      expect(await one.read(keyOf())).toEqual(storedOf('["new"]', 2));
    });

    it('keeps the same text under two keys until both are gone', async () => {
      const { one } = open();
      await one.write(keyOf('a'), storedOf('["same"]', 1), TTL_MS);
      await one.write(keyOf('b'), storedOf('["same"]', 2), TTL_MS);
      await one.remove(keyOf('a'));

      expect(await one.read(keyOf('a'))).toBeUndefined();
      expect(await one.read(keyOf('b'))).toEqual(storedOf('["same"]', 2));
    });

    it.each<[string, ToolListKey]>([
      ['cloudId', { ...keyOf(), cloudId: 'other' }],
      ['scope', { ...keyOf(), scope: 'other' }],
      ['endpoint', { ...keyOf(), endpoint: 'https://mcp.example/v1/mcp' }],
      ['split', { ...keyOf(), cloudId: `${keyOf().cloudId}:scope`, scope: '' }],
    ])('never mixes up keys of another %s', async (_what, key) => {
      const { one } = open();
      await one.write(keyOf(), storedOf('[]', 1), TTL_MS);

      expect(await one.read(key)).toBeUndefined();
    });

    it('hides a list that is not newer than asked for', async () => {
      const { one } = open();
      await one.write(keyOf(), storedOf('[]', 100), TTL_MS);

      expect(await one.read(keyOf(), 100)).toBeUndefined();
      expect(await one.read(keyOf(), 99)).toEqual(storedOf('[]', 100));
    });

    it('gives a lock to one replica at a time, and per key', async () => {
      const { one, other } = open();
      const release = await one.tryLock(keyOf('a'), TTL_MS);

      expect(release).toBeTypeOf('function');
      expect(await other.tryLock(keyOf('a'), TTL_MS)).toBeUndefined();
      expect(await one.tryLock(keyOf('a'), TTL_MS)).toBeUndefined();
      expect(await other.tryLock(keyOf('b'), TTL_MS)).toBeTypeOf('function');

      await release?.();
      expect(await other.tryLock(keyOf('a'), TTL_MS)).toBeTypeOf('function');
    });

    it('lets a lock run out, and its former owner release nothing', async () => {
      const { one, other } = open();
      const releaseTooLate = await one.tryLock(keyOf(), SHORT_TTL_MS);
      await vi.waitFor(async () => expect(await other.tryLock(keyOf(), TTL_MS)).toBeTypeOf('function'));

      await releaseTooLate?.();

      expect(await one.tryLock(keyOf(), TTL_MS)).toBeUndefined();
    });
  });
}
