import fc from 'fast-check';
import { expect, it } from 'vitest';

import { isEnrolledToken, mintToken } from '../../src/enrolled/token-format.ts';

it('makes tokens that secret scanners know and nobody guesses', () => {
  const tokens = new Set(Array.from({ length: 500 }, mintToken));

  expect(tokens.size).toBe(500);
  for (const token of tokens) {
    expect(token).toMatch(/^swy_pat_[0-9A-Za-z]{49}$/);
    expect(isEnrolledToken(token)).toBe(true);
  }
});

it.each([
  '',
  'swy_pat_',
  'swy_pat_0000000000000000000000000000000000000000000000000',
  'SWY_PAT_0000000000000000000000000000000000000000000000000',
  'ATATT3xFfGF0',
  'eyJhbGciOiJFUzI1NiJ9.e30.c2ln',
])('does not take %j for one', (text) => {
  expect(isEnrolledToken(text)).toBe(false);
});

it('never takes a random ending for a checksum, or not more often than one time in billions', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9A-Za-z]{49}$/), (body) => !isEnrolledToken(`swy_pat_${body}`)),
    { numRuns: 1_000 },
  );
});
