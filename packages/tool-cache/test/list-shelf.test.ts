import { expect, it } from 'vitest';

import { createListShelf } from '../src/list-shelf.ts';
import { keyOf, storedOf } from './fixture.ts';

const LATER = 1_000;

it('does not keep a list that is longer than the shelf', () => {
  const shelf = createListShelf({ maxEntries: 10, maxBytes: 10 });
  shelf.set(keyOf(), storedOf('["much too long"]', 1), LATER);

  expect(shelf.get(keyOf(), 1)).toBeUndefined();
});

it('lets the list go that was not used for longest when bytes run out, counting bytes and not characters', () => {
  const shelf = createListShelf({ maxEntries: 10, maxBytes: 20 });
  shelf.set(keyOf('a'), storedOf('["ää"]', 1), LATER);
  shelf.set(keyOf('b'), storedOf('["bbbb"]', 1), LATER);
  shelf.get(keyOf('a'), 1);
  shelf.set(keyOf('c'), storedOf('["cccc"]', 1), LATER);

  expect(shelf.get(keyOf('b'), 1)).toBeUndefined();
  expect(shelf.get(keyOf('a'), 1)?.tools).toBe('["ää"]');
  expect(shelf.get(keyOf('c'), 1)?.tools).toBe('["cccc"]');
});

it('holds a text once for all the keys that share it', () => {
  const shelf = createListShelf({ maxEntries: 100, maxBytes: 10 });
  const names = Array.from({ length: 50 }, (_, at) => `site-${at}`);
  for (const [at, name] of names.entries()) shelf.set(keyOf(name), storedOf('["same"]', at), LATER);

  expect(names.map((name) => shelf.get(keyOf(name), 1)?.fetchedAt)).toEqual(names.map((_, at) => at));
});

it('drops an entry at its end', () => {
  const shelf = createListShelf({ maxEntries: 10, maxBytes: 100 });
  shelf.set(keyOf(), storedOf('[]', 1), LATER);

  expect(shelf.get(keyOf(), LATER - 1)).toBeDefined();
  expect(shelf.get(keyOf(), LATER)).toBeUndefined();
});
