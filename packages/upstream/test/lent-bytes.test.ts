import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Lease, lend } from '../src/lent-bytes.ts';

const LENGTHS = [0, 1, 4_096, 4_097, 65_600, 1_048_576, 1_048_577, 3_000_000];
const anyLength = fc.oneof(fc.constantFrom(...LENGTHS), fc.nat({ max: 300_000 }));

/** What is done with a loan, by its place among those that are there. */
type Step =
  | { readonly lend: number }
  | { readonly giveBack: number }
  | { readonly giveBackAgain: number }
  | { readonly lose: number };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    anyLength.map((length) => ({ lend: length })),
    fc.nat().map((which) => ({ giveBack: which })),
    fc.nat().map((which) => ({ giveBackAgain: which })),
    fc.nat().map((which) => ({ lose: which })),
  ),
  { maxLength: 60 },
);

function take<T>(list: T[], which: number): T | undefined {
  return list.length === 0 ? undefined : list.splice(which % list.length, 1)[0];
}

describe('bytes that are lent', () => {
  it.each(LENGTHS)('are as many as were asked for: %d', (length) => {
    expect(lend(length).bytes).toHaveLength(length);
  });

  it('are nobody else’s until they are given back, whatever is given back twice or never (I1)', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const lent: { readonly lease: Lease; readonly mark: number }[] = [];
        const over: Lease[] = [];
        for (const [at, step] of all.entries()) {
          if ('lend' in step) {
            const mark = at + 1;
            const lease = lend(step.lend);
            lease.bytes.fill(mark);
            lent.push({ lease, mark });
          } else if ('giveBack' in step) {
            const loan = take(lent, step.giveBack);
            loan?.lease.giveBack();
            if (loan) over.push(loan.lease);
          } else if ('giveBackAgain' in step) {
            over[step.giveBackAgain % over.length]?.giveBack();
          } else {
            take(lent, step.lose);
          }
          for (const { lease, mark } of lent) expect(lease.bytes.every((byte) => byte === mark)).toBe(true);
        }
        for (const { lease } of lent) lease.giveBack();
      }),
      { numRuns: 60 },
    );
  });

  it('are used again when they were given back', () => {
    const { bytes, giveBack } = leaseOf(70_000);
    giveBack();
    expect(lend(60_000).bytes.buffer).toBe(bytes.buffer);
  });

  it('are not kept beyond a bound for each size', () => {
    const leases = Array.from({ length: 40 }, () => lend(1_048_576));
    const rooms = new Set(leases.map(({ bytes }) => bytes.buffer));
    for (const lease of leases) lease.giveBack();
    const again = leases.map(() => lend(1_048_576).bytes.buffer);
    expect(again.filter((room) => rooms.has(room))).toHaveLength(2);
  });
});

function leaseOf(length: number): { readonly bytes: Buffer; giveBack(): void } {
  const lease = lend(length);
  return { bytes: lease.bytes, giveBack: () => lease.giveBack() };
}
