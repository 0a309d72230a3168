import { Secret } from '@switchyard/catalogue';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createKeyRing, keyIdOf, openRecord, sealRecord } from '../../src/state/envelope.ts';

const old = { id: 'k1', secret: new Secret('an old key of the ring') };
const ring = createKeyRing([{ id: 'k2', secret: new Secret('the current key') }, old]);
const BOUND = ['link', 'ann', 'site-1', 'oauth'];
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';

describe('a key ring', () => {
  it.each([
    ['no key at all', []],
    ['an id twice', [old, old]],
    ['an id with a dot', [{ ...old, id: 'a.b' }]],
    ['an empty id', [{ ...old, id: '' }]],
  ])('refuses %s', (_what, secrets) => {
    expect(() => createKeyRing(secrets)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  });
});

describe('a sealed record', () => {
  it('opens for the same words and no others', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.string(), { maxLength: 4 }),
        fc.array(fc.string(), { maxLength: 4 }),
        (text, bound, other) => {
          const record = sealRecord(ring, bound, text);
          expect(openRecord(ring, bound, record)).toBe(text);
          const same = JSON.stringify(bound) === JSON.stringify(other);
          expect(openRecord(ring, other, record) === undefined).toBe(!same);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not open when one character was changed, anywhere', () => {
    const record = sealRecord(ring, BOUND, 'refresh token');
    const changed = Array.from(record).flatMap((was, at) =>
      Array.from(alphabet)
        .filter((now) => now !== was)
        .map((now) => record.slice(0, at) + now + record.slice(at + 1)),
    );

    expect(changed.length).toBeGreaterThan(9_000);
    expect(changed.filter((each) => openRecord(ring, BOUND, each) !== undefined)).toEqual([]);
  });

  it.each([
    ['cut', (record: string) => record.slice(0, -4)],
    ['prolonged', (record: string) => `${record}AAAA`],
    ['given one more part', (record: string) => `${record}.AA`],
    ['empty', () => ''],
    ['without its wrapped key', (record: string) => record.replace(/^(v1\.k2)\.[^.]+/, '$1.')],
    ['said to be under another key', (record: string) => record.replace('.k2.', '.k1.')],
  ])('does not open when it is %s', (_what, change) => {
    expect(openRecord(ring, BOUND, change(sealRecord(ring, BOUND, 'refresh token')))).toBeUndefined();
  });

  it('shows nothing of its text and never looks the same twice', () => {
    const [one, other] = [sealRecord(ring, BOUND, 'secret secret'), sealRecord(ring, BOUND, 'secret secret')];

    expect(one).not.toBe(other);
    expect(one).not.toContain('secret');
    expect(Buffer.from(one.split('.')[3] ?? '', 'base64url').toString('latin1')).not.toContain('secret');
  });

  it('outlives a rotation as long as its key stays in the ring, and not a moment longer', () => {
    const record = sealRecord(createKeyRing([old]), BOUND, 'refresh token');
    const without = createKeyRing([{ id: 'k2', secret: new Secret('the current key') }]);

    expect(keyIdOf(record)).toBe('k1');
    expect(openRecord(ring, BOUND, record)).toBe('refresh token');
    expect(openRecord(without, BOUND, record)).toBeUndefined();
  });
});
