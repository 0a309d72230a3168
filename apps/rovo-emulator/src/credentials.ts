// Who is calling, judged from the Authorization header as Atlassian judges it.
import type { EmulatedAccount, EmulatedCredential } from './emulator-options.ts';

/**
 * What a credential is worth. `useless` ones initialize and list two tools; `wrong-kind` ones have no tools
 * registered at all; `rejected` and `absent` ones are answered 401.
 */
type Standing = 'full' | 'useless' | 'classic' | 'wrong-kind' | 'expired' | 'rejected' | 'absent';

/** The judged caller of one Authorization header. */
export interface Caller {
  readonly standing: Standing;
  readonly account?: EmulatedAccount;
  readonly credential?: EmulatedCredential;
  /** Callers with equal keys see equal tool lists. */
  readonly listKey: string;
}

/** Judges an Authorization header. */
export type IdentifyCaller = (authorization: string | undefined) => Caller;

const ABSENT: Caller = { standing: 'absent', listKey: 'none' };
const REJECTED: Caller = { standing: 'rejected', listKey: 'none' };
const USELESS: Caller = { standing: 'useless', listKey: 'useless' };
const WRONG_KIND: Caller = { standing: 'wrong-kind', listKey: 'none' };
const REMEMBERED_HEADERS = 10_000;

/** The account and credential behind an access token that was issued at run time. */
export type FindIssued = (
  token: string,
) => { readonly account: EmulatedAccount; readonly credential: EmulatedCredential } | undefined;

/** Builds the judge for a set of accounts; `findIssued` knows the tokens of the OAuth side. */
export function createCredentials(
  accounts: readonly EmulatedAccount[],
  findIssued: FindIssued = () => undefined,
): IdentifyCaller {
  const byBasic = new Map<string, Caller>();
  const byBearer = new Map<string, Caller>();
  for (const account of accounts) {
    for (const credential of account.credentials) register({ account, credential, byBasic, byBearer });
  }
  const remembered = new Map<string, Caller>();
  return (authorization) => {
    if (authorization === undefined) return ABSENT;
    const known = remembered.get(authorization);
    if (known !== undefined) return known;
    // Never remembered: these expire and are revoked.
    const issued = findIssued(/^bearer +(\S+)$/i.exec(authorization.trim())?.[1] ?? '');
    if (issued !== undefined) return callerOf(issued.account, issued.credential);
    if (remembered.size >= REMEMBERED_HEADERS) remembered.clear();
    const caller = judge(authorization, byBasic, byBearer);
    remembered.set(authorization, caller);
    return caller;
  };
}

interface Registration {
  readonly account: EmulatedAccount;
  readonly credential: EmulatedCredential;
  readonly byBasic: Map<string, Caller>;
  readonly byBearer: Map<string, Caller>;
}

function register({ account, credential, byBasic, byBearer }: Registration): void {
  const { kind, secret } = credential;
  const caller = callerOf(account, credential);
  if (kind === 'api-token' || kind === 'classic-token') {
    byBasic.set(`${account.email ?? ''}:${secret}`, caller);
    byBearer.set(secret, { ...USELESS, account });
    return;
  }
  byBearer.set(secret, caller);
}

function callerOf(account: EmulatedAccount, credential: EmulatedCredential): Caller {
  return { account, credential, standing: standingOf(credential), listKey: listKeyOf(credential) };
}

function judge(
  authorization: string,
  byBasic: ReadonlyMap<string, Caller>,
  byBearer: ReadonlyMap<string, Caller>,
): Caller {
  const [, scheme, value] = /^(\S+) +(\S+)$/.exec(authorization.trim()) ?? [];
  if (scheme === undefined || value === undefined) return WRONG_KIND;
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return byBearer.get(value) ?? REJECTED;
    case 'basic':
      return byBasic.get(Buffer.from(value, 'base64').toString('utf8')) ?? USELESS;
    default:
      return WRONG_KIND;
  }
}

function standingOf(credential: EmulatedCredential): Standing {
  if (credential.kind === 'classic-token') return 'classic';
  if (credential.kind === 'org-admin-key') return 'wrong-kind';
  return credential.expired === true ? 'expired' : 'full';
}

function listKeyOf(credential: EmulatedCredential): string {
  if (credential.kind === 'classic-token') return USELESS.listKey;
  const scopes = credential.scopes === undefined ? '*' : credential.scopes.toSorted().join(' ');
  return `${credential.kind === 'oauth' ? 'oauth' : 'token'} ${scopes}`;
}
