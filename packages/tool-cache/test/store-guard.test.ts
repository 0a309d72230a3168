import { expect, it, vi } from 'vitest';

import { createDeferred } from '../src/deferred.ts';
import { createStoreGuard } from '../src/store-guard.ts';

const UNAVAILABLE = { code: 'store_unavailable' };
const TOO_LONG_MS = 60_000;

const works = async (): Promise<string> => 'worked';
const breaks = async (): Promise<string> => {
  throw new Error('broken');
};
const hangs = async (): Promise<string> => new Promise(() => undefined);

it('says what went wrong, also when it was no Error', async () => {
  const guard = createStoreGuard({ timeoutMs: TOO_LONG_MS, pauseMs: 1 });

  await expect(guard.run(breaks)).rejects.toThrow('The tool list store is unavailable: broken');
  await expect(guard.runAnyway(async () => Promise.reject('odd'))).rejects.toThrow('odd');
});

it('gives up on an operation that hangs, and hands a late result over', async () => {
  const guard = createStoreGuard({ timeoutMs: 5, pauseMs: 1 });
  const late = vi.fn<(result: string) => void>();
  const slow = createDeferred<string>();

  await expect(guard.run(async () => slow.promise, late)).rejects.toThrow('no answer within 5 ms');
  slow.resolve('late');

  await vi.waitFor(() => expect(late).toHaveBeenCalledExactlyOnceWith('late'));
});

it('leaves the store alone after a failure, save for what must be given back', async () => {
  const guard = createStoreGuard({ timeoutMs: TOO_LONG_MS, pauseMs: TOO_LONG_MS });
  const operation = vi.fn(works);
  await expect(guard.run(breaks)).rejects.toMatchObject(UNAVAILABLE);

  await expect(guard.run(operation)).rejects.toMatchObject(UNAVAILABLE);
  expect(operation).not.toHaveBeenCalled();
  expect(await guard.runAnyway(operation)).toBe('worked');
});

it('sends one operation ahead after the pause, and all of them once that one has worked', async () => {
  const guard = createStoreGuard({ timeoutMs: TOO_LONG_MS, pauseMs: 0 });
  await expect(guard.run(breaks)).rejects.toMatchObject(UNAVAILABLE);

  const probe = guard.run(works);
  await expect(guard.run(works)).rejects.toMatchObject(UNAVAILABLE);

  expect(await probe).toBe('worked');
  expect(await Promise.all([guard.run(works), guard.run(works)])).toEqual(['worked', 'worked']);
});

it('probes again when the probe hangs', async () => {
  const guard = createStoreGuard({ timeoutMs: 5, pauseMs: 0 });
  await expect(guard.run(breaks)).rejects.toMatchObject(UNAVAILABLE);
  await expect(guard.run(hangs)).rejects.toMatchObject(UNAVAILABLE);

  expect(await guard.run(works)).toBe('worked');
});
