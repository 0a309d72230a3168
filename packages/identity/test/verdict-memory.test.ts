import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { PassedThrough } from '../src/inbound/auth-outcome.ts';
import { createVerdictMemory } from '../src/inbound/verdict-memory.ts';
import { serviceCredential } from '../src/index.ts';
import { CREDENTIAL_KEY } from './inbound-fixture.ts';

const credential = serviceCredential({ serviceAccountKey: 'key' }, CREDENTIAL_KEY);
const VERDICT: PassedThrough = {
  ok: true,
  caller: { id: 'alice', method: 'bearer', groups: [], cloudIds: new Set() },
  credential,
  links: new Map(),
  seal: { id: credential.id, secret: credential.authorization },
};

describe('what memory holds', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets go of an expired credential although nobody asks for it any more', () => {
    let nowMs = 0;
    const memory = createVerdictMemory({ max: 10, sweepMs: 50, now: () => nowMs });
    memory.remember('short', VERDICT, 100);
    memory.remember('long', { ok: false, reason: 'bad_credential', cause: 'bad_credential' }, 1000);

    nowMs = 100;
    vi.advanceTimersByTime(50);

    // Only a clock put back can tell an entry that is gone from one that is merely expired.
    nowMs = 0;
    expect(memory.recall('short')).toBeUndefined();
    expect(memory.recall('long')).toBeDefined();
  });

  it('holds nothing and leaves no timer behind when it closes', () => {
    const memory = createVerdictMemory({ max: 10, sweepMs: 50, now: () => 0 });
    memory.remember('key', VERDICT, 100);

    memory.close();

    expect(memory.recall('key')).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
