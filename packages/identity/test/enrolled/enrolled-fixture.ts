import { Secret } from '@switchyard/catalogue';
import { onTestFinished } from 'vitest';

import {
  createEnrolledTokens,
  createKeyRing,
  type DurableState,
  type EnrolledTokens,
  type EnrolledTokensOptions,
  type KeyRing,
  type TokenRequest,
} from '../../src/index.ts';
import { CREDENTIAL_KEY } from '../inbound-fixture.ts';

export const DAY_MS = 86_400_000;
export const CANARY = 'ATATT3xFfGF0-canary-upstream';
export const REQUEST: TokenRequest = {
  name: 'nightly build',
  owner: 'Ann@Acme.example',
  sites: ['11111111-AAAA-4aaa-8aaa-000000000001'],
  products: { jira: 'read' },
  readOnly: true,
  ttlMs: 90 * DAY_MS,
  actsAs: { email: 'bot@acme.example', apiToken: new Secret(CANARY) },
};

export function ringOf(...ids: readonly string[]): KeyRing {
  return createKeyRing(ids.map((id) => ({ id, secret: new Secret(`a secret for the key ${id}`) })));
}

export interface Bench {
  readonly tokens: EnrolledTokens;
  readonly revoked: (string | undefined)[];
  readonly clock: { nowMs: number };
}

/** One replica's side of the tokens. */
export function openTokens(state: DurableState, options: Partial<EnrolledTokensOptions> = {}): Bench {
  const revoked: (string | undefined)[] = [];
  const clock = { nowMs: Date.now() };
  const tokens = createEnrolledTokens({
    state,
    keys: ringOf('k1'),
    credentialKey: CREDENTIAL_KEY,
    now: () => clock.nowMs,
    onRevoked: (id) => void revoked.push(id),
    ...options,
  });
  onTestFinished(() => tokens.close());
  return { tokens, revoked, clock };
}

/** A state that counts how often it is asked, and shows what it holds. */
export function watched(state: DurableState): { state: DurableState; reads(): number; written: string[] } {
  const written: string[] = [];
  let reads = 0;
  return {
    written,
    reads: () => reads,
    state: {
      ...state,
      get: (key) => ((reads += 1), state.get(key)),
      put: (key, value, options) => (written.push(key, value), state.put(key, value, options)),
      addMember: (set, member, ttlMs) => (written.push(set, member), state.addMember(set, member, ttlMs)),
      publish: (channel, message) => (written.push(channel, message), state.publish(channel, message)),
    },
  };
}
