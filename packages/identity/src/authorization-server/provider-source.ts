import type { EventEmitter } from 'node:events';

import type { JWKS, Provider } from 'oidc-provider';

import type { ClientPolicy } from './clients.ts';
import type { AuthorizationEvent } from './events.ts';
import type { ServeIdJag } from './id-jag.ts';
import { createProvider, type ProviderParts } from './provider.ts';
import { MCP_SCOPES } from './resources.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { MachineClients } from './token-verifier.ts';

/** A provider with its request handler. */
export interface BuiltProvider {
  readonly provider: Provider;
  readonly handle: ReturnType<Provider['callback']>;
}

export interface ProviderSourceOptions extends Omit<ProviderParts, 'machineScopes'> {
  readonly signingKeys: SigningKeys;
  readonly policy: () => ClientPolicy;
  readonly machines: MachineClients;
  readonly serveIdJag: ServeIdJag | undefined;
  readonly onEvent: (event: AuthorizationEvent) => void;
}

/**
 * Hands out the provider of this moment. The library takes keys and switches at its construction only; since all state
 * is in the store, a new instance takes over between two requests, and those under way end on the old one.
 */
export function createProviderSource(options: ProviderSourceOptions): () => BuiltProvider {
  const { signingKeys, policy, machines, serveIdJag, onEvent } = options;
  let built: (BuiltProvider & { readonly keyId: string; readonly policy: ClientPolicy }) | undefined;

  function machineScopes(clientId: string): readonly string[] {
    return machines(clientId)?.picks.readOnly === true ? ['atl:read'] : MCP_SCOPES;
  }

  return () => {
    const { id: keyId, keys } = signingKeys.current();
    const rules = policy();
    if (built?.keyId === keyId && built.policy === rules) return built;
    const jwks = { keys } as JWKS;
    const provider = createProvider({ ...options, machineScopes }, jwks, rules);
    serveIdJag?.(provider);
    report(provider, onEvent);
    built = { provider, handle: provider.callback(), keyId, policy: rules };
    return built;
  };
}

/** What the library says about itself, in the words of our events; its error codes are a closed set. */
function report(provider: Provider, onEvent: (event: AuthorizationEvent) => void): void {
  provider.on('grant.success', ({ oidc: { client, params, entities } }) => {
    const token = entities.AccessToken;
    onEvent({
      kind: 'token',
      outcome: 'issued',
      grantType: grantTypeOf(params),
      ...(client && { clientId: client.clientId }),
      ...(token && { personId: token.accountId, grantId: token.grantId }),
    });
  });
  provider.on('grant.error', ({ oidc: { client, params } }, error) => {
    onEvent({
      kind: 'token',
      outcome: 'refused',
      grantType: grantTypeOf(params),
      reason: error.error,
      ...(client && { clientId: client.clientId }),
    });
  });
  // Without a listener Koa writes the error to the console, with whatever it holds.
  const koa: EventEmitter = provider;
  koa.on('error', () => onEvent({ kind: 'failure', where: 'other' }));
  provider.on('server_error', ({ path }) => {
    const where = path.endsWith('/token') ? 'token' : 'authorize';
    onEvent({ kind: 'failure', where });
  });
}

const GRANT_TYPES = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
];

/** What a client calls its grant is text of a request until it is one that exists. */
function grantTypeOf(params: Readonly<Record<string, unknown>> | undefined): string {
  return GRANT_TYPES.find((type) => type === params?.['grant_type']) ?? 'other';
}
