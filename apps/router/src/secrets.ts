import { createHash, randomBytes } from 'node:crypto';

import { Secret } from '@switchyard/catalogue';
import { createKeyRing, type KeyRing } from '@switchyard/identity';

import type { Config } from './config/config.ts';

/**
 * Caller and credential ids are keyed hashes that appear in Redis keys, so replicas must agree on the
 * key: what they already share and nobody else knows is the address of their Redis. Tokens are long
 * and random; the key only keeps an id from being recognised elsewhere.
 */
export function credentialKeyOf({ redisUrl }: Config): Uint8Array {
  if (!redisUrl) return randomBytes(32);
  return createHash('sha256').update(`switchyard credential key\n${redisUrl.reveal()}`).digest();
}

/**
 * What sealed state rests on besides what the caller brings: every secret that replicas share
 * and callers do not know. Without any, all sessions are opened with the callers' own credentials,
 * and what is sealed tells a caller nothing about anybody else.
 */
export function sealingKeyOf({ redisUrl, serviceCredentials, oauth }: Config): Uint8Array | undefined {
  const services = [...serviceCredentials.values()].map((account) =>
    'apiToken' in account ? account.apiToken.reveal() : account.serviceAccountKey.reveal(),
  );
  const signIn = oauth?.keys.map(({ secret }) => secret.reveal()) ?? [];
  const secrets = [redisUrl?.reveal(), ...services, ...signIn].filter((secret) => secret !== undefined);
  return secrets.length === 0 ? undefined : createHash('sha256').update(JSON.stringify(secrets)).digest();
}

/** What grants, links and enrolled tokens are encrypted with. Without OAuth: the address of Redis, or a key of this process. */
export function keyRingOf({ oauth, redisUrl }: Config): KeyRing {
  if (oauth) return createKeyRing(oauth.keys);
  const secret = redisUrl ?? new Secret(randomBytes(32).toString('base64url'));
  return createKeyRing([{ id: redisUrl ? 'redis' : 'process', secret }]);
}
