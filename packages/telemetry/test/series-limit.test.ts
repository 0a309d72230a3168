import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { TelemetryEvent } from '../src/index.ts';
import { products } from '../src/label-sets.ts';
import { seriesLimit } from '../src/metrics-reference.ts';
import { samplesOf, silentTelemetry } from './samples.ts';

/** What a request might bring where a label value is expected: wild text, near misses and names of the object prototype. */
const wild = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'eng\0jira\0', 'ENG', 'eng ', '', '"} 1\nfake{a="'),
  fc.constantFrom('eng', 'ops', 'tools/call', 'timeout', ...products),
);

/** Events whose texts are anything, as if the types did not exist. */
const wildEvent = fc
  .record({
    type: fc.constantFrom(
      'server-operation',
      'client-operation',
      'tool-call',
      'list-cache',
      'retry',
      'broken-off',
      'policy-denial',
      'auth-failure',
      'rate-limited',
      'definition-change',
      'sessions',
      'circuit',
      'site-state',
    ),
    method: wild,
    site: wild,
    errorType: wild,
    product: wild,
    access: wild,
    outcome: wild,
    tier: wild,
    result: wild,
    reason: wild,
    kind: wild,
    state: wild,
    count: fc.nat(),
    durationMs: fc.nat(),
    up: fc.boolean(),
    fetchedAt: fc.nat(),
  })
  .map((event) => event as unknown as TelemetryEvent);

describe('I8: no request can create a series', () => {
  it('whatever ten thousand events bring as label values', async () => {
    const telemetry = silentTelemetry();
    let events = 0;

    fc.assert(
      fc.property(fc.array(wildEvent, { minLength: 100, maxLength: 100 }), (batch) => {
        for (const event of batch) telemetry.emit(event);
        events += batch.length;
      }),
      { numRuns: 100 },
    );

    const samples = await samplesOf(telemetry);
    expect(events).toBe(10_000);
    expect(samples.size).toBeLessThanOrEqual(seriesLimit(2));
    expect([...samples.keys()].filter((name) => /proto__|constructor|fake|ENG/.test(name))).toEqual([]);
  });

  it('and ten thousand unknown names make one series, not ten thousand', async () => {
    const telemetry = silentTelemetry();
    const before = (await samplesOf(telemetry)).size;

    for (let index = 0; index < 10_000; index += 1) {
      const name = `name-${index}`;
      telemetry.emit({ type: 'tool-call', site: name, product: name, access: 'read', outcome: 'ok' });
    }

    const samples = await samplesOf(telemetry);
    expect(samples.size).toBe(before + 1);
    expect(
      samples.get('switchyard_tool_calls_total{site="_other",product="_other",access="read",outcome="ok"}'),
    ).toBe(10_000);
  });

  it('and the limit grows with the sites alone', () => {
    expect(seriesLimit(3) - seriesLimit(2)).toBe(seriesLimit(2) - seriesLimit(1));
  });
});
