import type { SafeFetchOptions } from '../egress/safe-fetch.ts';
import type { DurableState } from '../state/durable-state.ts';
import type { KeyRing } from '../state/envelope.ts';
import { createAuthorizationServers, isLocal } from './authorization-servers.ts';
import { type ClientMetadata, createClientRegistration } from './client-registration.ts';
import { type Consents, createConsents } from './consents.ts';
import type { Grants, OauthClient } from './grant.ts';
import { createGrants } from './grants.ts';
import { createLinkAttempts } from './link-attempts.ts';

/** The OAuth client towards the sites' authorization servers. Throws `LinkError`, and the state's errors. */
export interface AtlassianOauth extends Consents, Grants {
  close(): Promise<void>;
}

/** `callbackUrl` is this Switchyard's own, and is all that codes are sent to. */
export interface AtlassianOauthOptions {
  readonly state: DurableState;
  readonly keys: KeyRing;
  readonly callbackUrl: string;
  /** Where `clientMetadata` is served as a document; used when the world can read it there. */
  readonly documentUrl?: string;
  /** Clients that somebody registered by hand, by issuer. */
  readonly registered?: ReadonlyMap<string, OauthClient>;
  readonly now?: () => number;
  readonly egress?: Pick<SafeFetchOptions, 'resolver' | 'timeoutMs'>;
}

/** How Switchyard describes itself to authorization servers (RFC 7591). */
export function clientMetadata(callbackUrl: string): ClientMetadata {
  const { origin, hostname } = new URL(callbackUrl);
  return {
    client_name: 'Switchyard',
    client_uri: origin,
    redirect_uris: [callbackUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: isLocal(hostname) ? 'native' : 'web',
  };
}

/** Builds the client. It opens no connection before it is used. */
export function createAtlassianOauth(options: AtlassianOauthOptions): AtlassianOauth {
  const { state, keys, callbackUrl, documentUrl, registered, now = Date.now } = options;
  const servers = createAuthorizationServers(options.egress);
  const attempts = createLinkAttempts({ state, keys });
  const registration = createClientRegistration({
    state,
    keys,
    now,
    metadata: clientMetadata(callbackUrl),
    ...(documentUrl !== undefined && isReadable(documentUrl) && { documentUrl }),
    ...(registered && { registered }),
  });
  return {
    ...createConsents({ servers, registration, attempts, callbackUrl, now }),
    ...createGrants({ servers, registration, now }),
    close: servers.close,
  };
}

/** An authorization server must be able to fetch the document: https, and no address that only we can reach. */
function isReadable(url: string): boolean {
  const { protocol, hostname, pathname } = new URL(url);
  return protocol === 'https:' && hostname.includes('.') && !isLocal(hostname) && pathname !== '/';
}
