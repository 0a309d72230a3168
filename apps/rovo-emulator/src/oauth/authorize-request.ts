// An authorization request: what of it is answered with a page, and what with a redirect.
import type { Generation } from '../emulator-options.ts';
import type { Route } from '../route.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import type { OAuthClient, OAuthClients } from './oauth-clients.ts';
import { OAuthError } from './oauth-error.ts';
import { OAUTH_SCOPES, unknownScope } from './oauth-scopes.ts';
import type { OAuthSettings } from './oauth-settings.ts';

/** A request that may be shown to somebody. */
export interface AuthorizeRequest {
  readonly server: AuthorizationServer;
  readonly client: OAuthClient;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly challenge: string;
  /** Absent where the server ignores scopes. */
  readonly scopes?: readonly string[];
  readonly resource?: string;
  readonly generation: Generation;
  readonly loginHint: string | undefined;
}

/** What the check of a request needs. */
export interface RequestCheck {
  readonly server: AuthorizationServer;
  readonly origin: string;
  readonly routeOf: (url: string) => Route | undefined;
  readonly settings: Readonly<OAuthSettings>;
}

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const INCORRECT = 'Incorrect request parameters';

/** The client and the redirect URI, which must be exactly one of its own; throws OAuthError for a page. */
export async function readRedirect(
  query: URLSearchParams,
  server: AuthorizationServer,
  clients: OAuthClients,
): Promise<{ readonly client: OAuthClient; readonly redirectUri: string }> {
  const clientId = query.get('client_id') ?? '';
  if (clientId === '') throw new OAuthError('invalid_request', `${INCORRECT}: client_id is missing.`);
  const client = await clients.find(server.kind, clientId);
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.redirectUris.includes(redirectUri)) {
    throw new OAuthError('invalid_request', `${INCORRECT}: redirect_uri is not registered.`);
  }
  return { client, redirectUri };
}

/** The rest of the request; throws OAuthError for the redirect URI. */
export function readAuthorizeRequest(
  query: URLSearchParams,
  target: { readonly client: OAuthClient; readonly redirectUri: string },
  check: RequestCheck,
): AuthorizeRequest {
  if (query.get('response_type') !== 'code') {
    throw new OAuthError('unsupported_response_type', 'response_type must be code.');
  }
  const challenge = query.get('code_challenge') ?? '';
  if (query.get('code_challenge_method') !== 'S256' || !CHALLENGE.test(challenge)) {
    throw new OAuthError('invalid_request', 'PKCE with code_challenge_method S256 is required.');
  }
  const { server } = check;
  const { resource, generation } = readResource(query.getAll('resource'), check);
  const common = {
    ...target,
    server,
    challenge,
    generation: server.isOld ? 'v1' : generation,
    state: query.get('state') ?? undefined,
    loginHint: query.get('login_hint') ?? undefined,
    ...(resource === undefined ? {} : { resource }),
  } as const;
  return server.isOld ? common : { ...common, scopes: readScopes(query.get('scope'), generation) };
}

/** RFC 8707: an MCP URL of this origin without query; throws OAuthError `invalid_target`. */
export function readResource(
  resources: readonly string[],
  { origin, routeOf, server, settings }: RequestCheck,
): { readonly resource?: string; readonly generation: Generation } {
  const [resource, ...more] = resources;
  if (resource === undefined) {
    if (settings.oauthResourceRequired && !server.isOld) {
      throw new OAuthError('invalid_target', 'resource is missing: send the MCP URL without its query.');
    }
    return { generation: 'v2' };
  }
  const path = resource.startsWith(`${origin}/`) ? resource.slice(origin.length) : '';
  const route = /[?#]/.test(path) || more.length > 0 ? undefined : routeOf(path);
  if (route === undefined) {
    throw new OAuthError('invalid_target', 'resource must be one MCP URL of this origin, without its query.');
  }
  return { resource, generation: route.generation };
}

function readScopes(given: string | null, generation: Generation): readonly string[] {
  const scopes = [...new Set((given ?? '').split(' ').filter((scope) => scope !== ''))];
  if (scopes.length === 0) return OAUTH_SCOPES[generation];
  const unknown = unknownScope(scopes);
  if (unknown !== undefined) throw new OAuthError('invalid_scope', 'A scope is not known to this server.');
  return scopes;
}
