import { createHash, randomBytes } from 'node:crypto';

import type { DurableState } from '../state/durable-state.ts';
import { type KeyRing, openRecord, sealRecord } from '../state/envelope.ts';
import type { OauthClient } from './grant.ts';
import { LinkError } from './link-error.ts';

/** What is remembered of an attempt until its answer comes. */
interface PendingLink {
  readonly cloudId: string;
  readonly issuer: string;
  readonly client: OauthClient;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly verifier: string;
}

/** Attempts that wait for their answer, each for 10 minutes, one answer and one browser and person. */
export interface LinkAttempts {
  /** Returns the `state` parameter: 256 random bits. */
  remember(pending: PendingLink, bound: readonly string[]): Promise<string>;
  /** Throws `LinkError` `attempt_unknown`. */
  take(token: string, bound: readonly string[]): Promise<PendingLink>;
}

const ATTEMPT_MS = 600_000;
const TOKEN_BYTES = 32;

/** The store has the hash of a `state` parameter only: whoever reads it can answer no attempt. */
export function createLinkAttempts({ state, keys }: { state: DurableState; keys: KeyRing }): LinkAttempts {
  return {
    async remember(pending, bound) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const sealed = sealRecord(keys, boundTo(bound), JSON.stringify(pending));
      await state.put(rowOf(token), sealed, { ttlMs: ATTEMPT_MS });
      return token;
    },
    async take(token, bound) {
      // Taken before it is judged: an answer in the wrong browser ends the attempt.
      const sealed = await state.take(rowOf(token));
      const text = sealed && openRecord(keys, boundTo(bound), sealed);
      if (!text)
        throw new LinkError('attempt_unknown', 'The answer belongs to no attempt of this browser and person');
      return JSON.parse(text) as PendingLink;
    },
  };
}

function rowOf(token: string): string {
  return `atlassian:attempt:${createHash('sha256').update(token).digest('base64url')}`;
}

function boundTo(bound: readonly string[]): readonly string[] {
  return ['link-attempt', ...bound];
}
