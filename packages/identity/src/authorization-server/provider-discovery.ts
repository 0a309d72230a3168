import type { Secret } from '@switchyard/catalogue';
import * as oidc from 'openid-client';

import { IdentityError } from '../errors.ts';
import { isLoopbackHost } from './redirect-policy.ts';

/** Whom to ask, and as which client. */
interface Discovered {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: Secret;
}

const TIMEOUT_SECONDS = 8;

/** Reads the metadata of an OpenID Connect issuer. Rejects with `IdentityError` `provider_unreachable`. */
export async function discoverProvider({
  issuer,
  clientId,
  clientSecret,
}: Discovered): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  const insecure = url.protocol === 'http:' && isLoopbackHost(url.hostname);
  try {
    return await oidc.discovery(url, clientId, clientSecret?.reveal(), undefined, {
      // The library trusts TLS for ID tokens unless told to check their signatures.
      execute: [oidc.enableNonRepudiationChecks, ...(insecure ? [oidc.allowInsecureRequests] : [])],
      timeout: TIMEOUT_SECONDS,
    });
  } catch {
    throw new IdentityError(
      'provider_unreachable',
      `The identity provider at ${url.host} does not answer, or not as an OpenID Connect issuer.`,
    );
  }
}
