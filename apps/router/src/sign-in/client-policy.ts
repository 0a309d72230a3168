import { type ClientPolicy, type ConfiguredClient, createRedirectPolicy } from '@switchyard/identity';

import type { OAuthClientConfig, OAuthConfig } from '../config/config.ts';

/** Which clients may come, as the configuration says it. */
export function clientPolicy({ redirects, registration, clients }: OAuthConfig): ClientPolicy {
  const { cimd, cimdHosts, dcr } = registration;
  return {
    redirects: createRedirectPolicy(redirects),
    cimd,
    dcr,
    ...(cimdHosts && { cimdHosts }),
    clients: clients.map(configuredClient),
  };
}

/** What a headless client may do is what its enrolled token may: there are no limits of its own. */
function configuredClient(client: OAuthClientConfig): ConfiguredClient {
  const { clientId, name, secret, jwks, redirectUris, headless } = client;
  return {
    clientId,
    name,
    redirectUris,
    ...(secret && { secret }),
    ...(jwks && { jwks }),
    ...(headless && { machine: {} }),
  };
}
