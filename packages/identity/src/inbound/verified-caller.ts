import type { Caller, Credential } from '@switchyard/catalogue';

import type { KeyedHash } from '../keyed-hash.ts';
import type { Verification } from './auth-outcome.ts';
import { isEmail } from './parse-authorization.ts';

/**
 * The caller that a verification describes: nothing of what the caller itself claimed goes in. The id hashes the
 * account, so that a renewed token is the same caller; an answer without an account falls back on the credential.
 */
export function verifiedCaller(options: {
  readonly verified: Extract<Verification, { kind: 'verified' }>;
  readonly credential: Credential;
  readonly hash: KeyedHash;
}): Caller {
  const { verified, credential, hash } = options;
  const accountId = present(verified.accountId);
  const displayName = present(verified.displayName);
  const email = verifiedEmail(verified.email);
  return {
    id:
      accountId === undefined
        ? hash('caller', credential.authorization.reveal())
        : hash('account', accountId),
    method: credential.kind,
    groups: [],
    cloudIds: new Set(verified.cloudIds.map((cloudId) => cloudId.toLowerCase())),
    ...(accountId === undefined ? {} : { accountId }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(email === undefined ? {} : { email }),
  };
}

/** Access is granted by e-mail, so an address that does not look like one is none (I12). */
function verifiedEmail(email: string | undefined): string | undefined {
  return email !== undefined && isEmail(email) ? email.toLowerCase() : undefined;
}

function present(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
