import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createPackAnswer, takesGzip } from '../../src/http/packed-lists.ts';

/** Asks until the compressed form is there. */
async function packed(before: string, list: Buffer, after: string): Promise<Buffer> {
  const pack = createPackAnswer();
  expect(pack(before, list, after)).toBeUndefined();
  for (;;) {
    const pieces = pack(before, list, after);
    if (pieces) return Buffer.concat(pieces);
    await delay(2);
  }
}

describe('a packed answer', () => {
  it('is the same answer, whatever stands around the list', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.uint8Array({ minLength: 1, maxLength: 5_000 }),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        async (before, bytes, after) => {
          const list = Buffer.alloc(4_096 + bytes.length * 3, Buffer.from(bytes));
          const file = await packed(before, list, after);
          expect(gunzipSync(file)).toEqual(Buffer.concat([Buffer.from(before), list, Buffer.from(after)]));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is much smaller than a list of tools', async () => {
    const list = Buffer.from('{"name":"getJiraIssue","description":"Gets an issue."},'.repeat(5_000));
    expect((await packed('{"id":1,', list, '}')).length).toBeLessThan(list.length / 20);
  });

  it('is not made of what is small, nor around an id that is too long for it', async () => {
    const pack = createPackAnswer();
    const list = Buffer.alloc(10_000);
    expect(pack('{', Buffer.alloc(100), '}')).toBeUndefined();
    await packed('{', list, '}');
    pack('', list, '');
    await expect.poll(() => pack('', list, '')).toBeDefined();
    expect(pack('x'.repeat(70_000), list, '')).toBeUndefined();
  });
});

describe('Accept-Encoding', () => {
  it.each([
    ['gzip', true],
    ['gzip, deflate, br', true],
    ['br;q=1.0, gzip;q=0.8, *;q=0.1', true],
    ['GZIP ; q=1', true],
    ['deflate, gzip', true],
    [undefined, false],
    ['', false],
    ['identity', false],
    ['br', false],
    ['*', false],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
    ['notgzip', false],
    ['gzipped', false],
  ])('%s takes gzip: %s', (header, takes) => {
    expect(takesGzip(header)).toBe(takes);
  });
});
