import { type Credential, Secret } from '@switchyard/catalogue';

import { IdentityError } from '../errors.ts';
import { type AuthorizationFault, parseAuthorization } from '../inbound/parse-authorization.ts';
import { createKeyedHash } from '../keyed-hash.ts';

/** How the configuration names a shared site's account. */
export type ServiceAccount =
  | { readonly serviceAccountKey: string | Secret }
  | { readonly email: string; readonly apiToken: string | Secret };

const MENDING: Partial<Record<AuthorizationFault, string>> = {
  no_credential: 'the key is empty',
  no_token: 'the API token is empty',
  bad_email: 'the e-mail address is not one',
  trailing_newline: 'the API token ends in a newline',
  not_visible_ascii: 'the key holds characters that no key has (a newline at its end?)',
  unprintable: 'the API token or the e-mail address holds spaces or invisible characters',
  space: 'the key holds a space',
  jwt: 'an OAuth token is not a service account key',
  too_long: 'it is longer than any key',
};

/**
 * The credential of a shared site. Goes through the same reader as a caller's header, so that equal credentials have
 * equal ids. Throws `IdentityError` `invalid_credential`, which says what is wrong and never quotes the secret.
 */
export function serviceCredential(account: ServiceAccount, credentialKey: Uint8Array): Credential {
  const parsed = parseAuthorization(headerOf(account));
  if (!parsed.ok) {
    const why = MENDING[parsed.cause] ?? 'it is malformed';
    throw new IdentityError('invalid_credential', `The service credential cannot be used: ${why}.`);
  }
  const { kind, authorization } = parsed;
  return { id: createKeyedHash(credentialKey)('credential', authorization.reveal()), kind, authorization };
}

function headerOf(account: ServiceAccount): string {
  if ('serviceAccountKey' in account) return `Bearer ${reveal(account.serviceAccountKey)}`;
  // A colon in the address would move the border between address and token.
  const email = account.email.replaceAll(':', ' ');
  return `Basic ${Buffer.from(`${email}:${reveal(account.apiToken)}`).toString('base64')}`;
}

function reveal(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}
