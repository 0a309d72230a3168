import type { AuthorizationServer, AuthorizationServerOptions } from './authorization-server.ts';

/**
 * Reads or makes the signing keys and builds the server. Rejects with `IdentityError`: `invalid_option` for what can
 * never work, `state_unavailable` while the store does not answer. The library behind it is loaded now: who needs no
 * OAuth, every command among them, pays nothing for it.
 */
export async function createAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const { buildAuthorizationServer } = await import('./authorization-server.ts');
  return buildAuthorizationServer(options);
}
