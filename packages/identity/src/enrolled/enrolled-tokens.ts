import { IdentityError } from '../errors.ts';
import { createKeyedHash } from '../keyed-hash.ts';
import { serviceCredential } from '../outbound/service-credential.ts';
import type { DurableState } from '../state/durable-state.ts';
import type { KeyRing } from '../state/envelope.ts';
import { checkTokenRequest } from './check-token-request.ts';
import type { EnrolledToken, TokenRequest, VerifiedEnrolledToken } from './enrolled-token.ts';
import { isEnrolledToken, mintToken } from './token-format.ts';
import { describeToken, isHashOf, recordOf, verifiedToken } from './token-record.ts';
import { createTokenStore } from './token-store.ts';
import { createTokenUses } from './token-uses.ts';

/**
 * Tokens that an admin hands out to programs: limited in sites, products, access and time. Every method rejects with
 * `IdentityError` `state_unavailable` while the store does not answer: nobody is let in by what was not read.
 */
export interface EnrolledTokens {
  /**
   * The only time that the token itself is to be had. Rejects with `invalid_option` for a wrong request or too many tokens,
   * and with `invalid_credential` for an account that cannot be used; the messages say what to mend.
   */
  create(request: TokenRequest): Promise<{ readonly token: string; readonly enrolled: EnrolledToken }>;
  /** Those that are good, oldest first. */
  list(): Promise<EnrolledToken[]>;
  /** Ends a token, and tells every replica; false when there was none. */
  revoke(id: string): Promise<boolean>;
  /** Who comes with this token; undefined for any text that is not a good one. Asks the store each time. */
  verify(token: string): Promise<VerifiedEnrolledToken | undefined>;
  /** The token with this id, as `verify` gives it: for clients that the configuration lets act as one. */
  find(id: string): Promise<VerifiedEnrolledToken | undefined>;
  close(): void;
}

export interface EnrolledTokensOptions {
  readonly state: DurableState;
  readonly keys: KeyRing;
  /** At least 32 bytes, the same on every replica and for as long as tokens shall live. */
  readonly credentialKey: Uint8Array;
  /** A token was revoked; undefined: any may have been. Whoever remembers callers by tokens forgets them. */
  readonly onRevoked?: (id: string | undefined) => void;
  readonly maxTokens?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const MAX_TOKENS = 1_000;
const NEWS = 'enrolled';
const ID_LENGTH = 24;
const ID = /^[0-9a-f]{24}$/;

/** Throws `IdentityError` `invalid_option` for a short key. */
export function createEnrolledTokens(options: EnrolledTokensOptions): EnrolledTokens {
  const { state, keys, credentialKey, onRevoked, maxTokens = MAX_TOKENS, now = Date.now } = options;
  const hash = createKeyedHash(credentialKey);
  const store = createTokenStore(state, keys, now);
  const uses = createTokenUses(state, now);
  const unsubscribe = state.subscribe(
    NEWS,
    (id) => onRevoked?.(id),
    () => onRevoked?.(undefined),
  );

  return {
    async create(request) {
      checkTokenRequest(request);
      if (request.actsAs) serviceCredential(request.actsAs, credentialKey);
      if ((await store.count()) >= maxTokens) throw tooMany(maxTokens);
      const token = mintToken();
      const hashed = hash('enrolled', token);
      const record = recordOf(request, { id: idOf(hashed), hash: hashed, createdAtMs: now() });
      await store.add(record);
      return { token, enrolled: describeToken(record) };
    },
    async list() {
      const records = await store.loadAll();
      const tokens = records.map(async (record) => describeToken(record, await uses.last(record.id)));
      return (await Promise.all(tokens)).sort(byAge);
    },
    async revoke(id) {
      if (!ID.test(id)) return false;
      const existed = await store.remove(id);
      // Also when it was gone: the news of an earlier attempt may not have come through.
      await state.publish(NEWS, id);
      return existed;
    },
    async verify(token) {
      if (!isEnrolledToken(token)) return undefined;
      const hashed = hash('enrolled', token);
      const record = await store.load(idOf(hashed));
      if (!record || !isHashOf(record, hashed)) return undefined;
      uses.note(record.id);
      return verifiedToken(record, credentialKey);
    },
    async find(id) {
      const record = ID.test(id) ? await store.load(id) : undefined;
      return record && verifiedToken(record, credentialKey);
    },
    close() {
      unsubscribe();
      uses.close();
    },
  };
}

function byAge(one: EnrolledToken, other: EnrolledToken): number {
  return one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1);
}

/** The name of a record follows from the token, so that finding it takes no second index. */
function idOf(hashed: string): string {
  return Buffer.from(hashed, 'base64url').toString('hex').slice(0, ID_LENGTH);
}

function tooMany(maxTokens: number): IdentityError {
  return new IdentityError(
    'invalid_option',
    `There are ${maxTokens} tokens already: revoke some that nobody uses.`,
  );
}
