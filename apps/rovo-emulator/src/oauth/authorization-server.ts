// Atlassian's two authorization servers: where they are and what their metadata says.
import type { EmulatorSettings } from '../emulator-options.ts';
import type { JsonObject } from '../json-value.ts';
import type { Route } from '../route.ts';
import { OAUTH_SCOPES } from './oauth-scopes.ts';

/** `current` serves v2 and authv2, `old` the plain v1 URL. */
export type ServerKind = 'current' | 'old';

/** One authorization server; paths begin with a slash. */
export interface AuthorizationServer {
  readonly kind: ServerKind;
  readonly issuerPath: string;
  readonly paths: {
    readonly authorize: string;
    readonly token: string;
    readonly register: string;
    readonly revoke: string | undefined;
  };
  /** The old one ignores `scope` and issues no refresh token. */
  readonly isOld: boolean;
}

const WELL_KNOWN_SERVER = '/.well-known/oauth-authorization-server';
const WELL_KNOWN_RESOURCE = '/.well-known/oauth-protected-resource';

/** Both servers; `issuerName` is the last part of the path-scoped issuer. */
export function authorizationServers(issuerName: string): Readonly<Record<ServerKind, AuthorizationServer>> {
  const issuerPath = `/${issuerName}`;
  return {
    current: {
      kind: 'current',
      issuerPath,
      isOld: false,
      paths: {
        authorize: '/authorize',
        token: '/oauth/token',
        register: `${issuerPath}/dcr/register`,
        revoke: '/oauth/revoke',
      },
    },
    old: {
      kind: 'old',
      // Stands for cf.mcp.atlassian.com: not where the metadata lies.
      issuerPath: '/cf',
      isOld: true,
      paths: { authorize: '/v1/authorize', token: '/v1/token', register: '/v1/register', revoke: undefined },
    },
  };
}

/** Which server's metadata lies at a path, if any. */
export function serverAt(
  path: string,
  servers: Readonly<Record<ServerKind, AuthorizationServer>>,
  place: EmulatorSettings['oauthMetadataPlace'],
): AuthorizationServer | undefined {
  const { current, old } = servers;
  if (path === WELL_KNOWN_SERVER) return old;
  if (path === WELL_KNOWN_SERVER + current.issuerPath && place !== 'appended') return current;
  if (path === current.issuerPath + WELL_KNOWN_SERVER && place !== 'inserted') return current;
  return undefined;
}

/** RFC 8414 metadata of a server. */
export function serverMetadata(
  { issuerPath, paths, isOld }: AuthorizationServer,
  origin: string,
  settings: Readonly<EmulatorSettings>,
): JsonObject {
  return {
    issuer: origin + issuerPath,
    authorization_endpoint: origin + paths.authorize,
    token_endpoint: origin + paths.token,
    ...(settings.oauthRegistration ? { registration_endpoint: origin + paths.register } : {}),
    ...(paths.revoke === undefined ? {} : { revocation_endpoint: origin + paths.revoke }),
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_post', 'client_secret_basic'],
    ...(isOld ? {} : currentMetadata(settings)),
  };
}

function currentMetadata(settings: Readonly<EmulatorSettings>): JsonObject {
  return {
    scopes_supported: OAUTH_SCOPES.v2,
    client_id_metadata_document_supported: settings.oauthClientMetadata,
    authorization_response_iss_parameter_supported: settings.oauthCallbackIssuer !== 'absent',
  };
}

/** RFC 9728 metadata at a path; undefined for the plain v1 URL, which has none, and for anything else. */
export function resourceMetadata(
  path: string,
  origin: string,
  parts: {
    readonly routeOf: (url: string) => Route | undefined;
    readonly server: AuthorizationServer;
  },
): JsonObject | undefined {
  if (!path.startsWith(WELL_KNOWN_RESOURCE)) return undefined;
  const route = parts.routeOf(path.slice(WELL_KNOWN_RESOURCE.length));
  if (route === undefined || (route.generation === 'v1' && !route.isAuthV2)) return undefined;
  return {
    resource: origin + route.path,
    authorization_servers: [origin + parts.server.issuerPath],
    scopes_supported: OAUTH_SCOPES[route.generation],
    bearer_methods_supported: ['header'],
  };
}
