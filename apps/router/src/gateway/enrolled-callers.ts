import { type Caller, type Credential, type Secret } from '@switchyard/catalogue';
import {
  type EnrolledTokens,
  IdentityError,
  type Identified,
  type SiteLink,
  type VerifiedEnrolledToken,
  type Verification,
} from '@switchyard/identity';
import { LRUCache } from 'lru-cache';

/** Where enrolled tokens are looked up, and which sites the account behind one reaches. */
export interface EnrolledCallersPorts {
  readonly tokens: Pick<EnrolledTokens, 'verify' | 'find'>;
  readonly verifyCredential: (credential: Credential) => Promise<Verification>;
}

/** An enrolled token as a caller. */
export interface EnrolledCaller {
  readonly token: VerifiedEnrolledToken;
  readonly identified: Identified;
}

/** Finds callers by the token itself, or by its id for a client that proved itself otherwise; undefined: no such caller. */
export interface EnrolledCallers {
  byToken(text: string, seal: Secret): Promise<EnrolledCaller | undefined>;
  byId(id: string, seal: Secret): Promise<EnrolledCaller | undefined>;
}

const MAX_ACCOUNTS = 1_000;
const REACH_MS = 300_000;

/** Callers that act with the account behind their token, within the token's own limits. */
export function createEnrolledCallers({ tokens, verifyCredential }: EnrolledCallersPorts): EnrolledCallers {
  const reached = new LRUCache<string, readonly string[]>({ max: MAX_ACCOUNTS, ttl: REACH_MS });

  /** An API token is not bound to a site: which ones it opens is asked, as it is for callers who bring one themselves. */
  async function reachOf(credential: Credential): Promise<readonly string[]> {
    const known = reached.get(credential.id);
    if (known) return known;
    const verification = await verifyCredential(credential);
    if (verification.kind === 'unreachable')
      throw new IdentityError(
        'state_unavailable',
        'Atlassian could not be asked about the account of the token.',
      );
    const cloudIds = verification.kind === 'verified' ? verification.cloudIds : [];
    reached.set(credential.id, cloudIds);
    return cloudIds;
  }

  async function callerOf(
    token: VerifiedEnrolledToken | undefined,
    seal: Secret,
  ): Promise<EnrolledCaller | undefined> {
    if (token?.role !== 'caller') return undefined;
    const { id, credential, owner } = token;
    const cloudIds = credential ? await reachOf(credential) : [];
    const link: SiteLink | undefined = credential && { kind: 'token', credential };
    const caller: Caller = {
      id: `token:${id}`,
      method: 'token',
      clientId: id,
      displayName: token.name,
      groups: [],
      cloudIds: new Set(),
      picks: token.picks,
      ...(owner !== undefined && { email: owner }),
    };
    const links = new Map(link ? cloudIds.map((cloudId) => [cloudId, [link]] as const) : []);
    return { token, identified: { ok: true, caller, links, seal: { id: caller.id, secret: seal } } };
  }

  return {
    byToken: async (text, seal) => callerOf(await tokens.verify(text), seal),
    byId: async (id, seal) => callerOf(await tokens.find(id), seal),
  };
}
