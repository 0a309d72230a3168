import { Secret } from '@switchyard/catalogue';
import type { Identified } from '@switchyard/identity';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createSealers, type Sealer } from '../../src/gateway/sealer.ts';

function caller(authorization: string, id = authorization): Identified {
  return { seal: { id, secret: new Secret(authorization) } } as unknown as Identified;
}

const KEY = Buffer.from('a key that replicas share');

function sealerOf(
  authorization = 'alice',
  key: { common: Uint8Array | undefined } = { common: KEY },
): Sealer {
  return createSealers(key.common)(caller(authorization));
}

describe('what was not sealed here', () => {
  it.each(['', 'a', 'x'.repeat(27), 'not base64: é', 'A'.repeat(1_000), '.'.repeat(50), '\u0000'])(
    'is nothing: %j',
    (token) => {
      expect(sealerOf().open('session', token)).toBeUndefined();
    },
  );

  it.each<[string, Sealer, string]>([
    ['for another caller', sealerOf('bob'), 'session'],
    ['for another purpose', sealerOf(), 'parked-call'],
    ['by replicas of another estate', sealerOf('alice', { common: Buffer.from('another key') }), 'session'],
    ['by a router alone', sealerOf('alice', { common: undefined }), 'session'],
  ])('is nothing when it was sealed %s', (_, sealer, purpose) => {
    const token = sealer.seal(purpose, { a: 1 });

    expect(sealer.open(purpose, token)).toEqual({ a: 1 });
    expect(sealerOf().open('session', token)).toBeUndefined();
  });

  it('is nothing when any one bit of it was changed', () => {
    const sealer = sealerOf();
    const bytes = Buffer.from(sealer.seal('session', { a: 1 }), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const spoilt = Buffer.from(bytes);
      const at = bit >> 3;
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << (bit & 7));
      expect(sealer.open('session', spoilt.toString('base64url'))).toBeUndefined();
    }
  });

  it('is nothing when it was cut or made longer', () => {
    const sealer = sealerOf();
    const bytes = Buffer.from(sealer.seal('session', { a: 1 }), 'base64url');
    for (let length = 0; length < bytes.length; length += 1) {
      expect(sealer.open('session', bytes.subarray(0, length).toString('base64url'))).toBeUndefined();
    }
    const longer = Buffer.concat([bytes, Buffer.of(0)]).toString('base64url');
    expect(sealer.open('session', longer)).toBeUndefined();
  });
});

describe('what was sealed', () => {
  it.each([
    ['with a key that replicas share', KEY],
    ['by a router alone', undefined],
  ])('%s is opened after a restart', (_, common) => {
    const token = sealerOf('alice', { common }).seal('session', { a: [1, 'é'] });

    expect(sealerOf('alice', { common }).open('session', token)).toEqual({ a: [1, 'é'] });
  });

  it('comes back whatever it was', () => {
    const sealer = sealerOf();
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (purpose, value) => {
        expect(JSON.stringify(sealer.open(purpose, sealer.seal(purpose, value)))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('can stand in a header, shows nothing, and is never the same twice', () => {
    const sealer = sealerOf();
    const value = { session: 'session-of-the-site' };
    const tokens = Array.from({ length: 100 }, () => sealer.seal('session', value));

    expect(new Set(tokens).size).toBe(100);
    for (const token of tokens) {
      expect(token).toMatch(/^[\w-]+$/);
      expect(Buffer.from(token, 'base64url').includes('session-of')).toBe(false);
    }
  });

  it('is opened by the same sealer for one credential', () => {
    const sealers = createSealers(KEY);

    expect(sealers(caller('alice'))).toBe(sealers(caller('alice')));
    expect(sealers(caller('alice'))).not.toBe(sealers(caller('bob')));
  });
});
