import { createHmac } from 'node:crypto';

import type * as oidc from 'oidc-provider';
import type {
  AdapterFactory,
  Configuration,
  FindAccount,
  JWKS,
  KoaContextWithOIDC,
  ResourceServer,
} from 'oidc-provider';

import { CLIENT_AUTH_METHODS } from './client-metadata.ts';
import type { Clients } from './clients.ts';
import type { Connections } from './connections.ts';
import type { DocumentFetch } from './document-fetch.ts';
import { createInteractionPolicy } from './interaction-policy.ts';
import { errors, Provider } from './oidc-library.ts';
import type { People, Person } from './people.ts';
import { isLoopbackHost } from './redirect-policy.ts';
import { MCP_SCOPES, type Resources, resourceServer } from './resources.ts';
import { type Safe } from './sealed-records.ts';
import { SIGNING_ALGORITHM } from './signing-keys.ts';

/** How long things last, in seconds. */
export interface Lifetimes {
  readonly accessToken: number;
  /** From the consent; no refresh prolongs it. */
  readonly connection: number;
  /** From the first step of a sign-in to its last. */
  readonly interaction: number;
}

/** An error page: its HTML and its headers. */
export interface ErrorPage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What has to be said to a person whose client cannot be told: an error code of OAuth and its sentence. */
export interface OAuthProblem {
  readonly error: string;
  readonly description?: string;
}

/** Everything `oidc-provider` is configured with. */
export interface ProviderParts {
  readonly issuer: string;
  readonly keys: Safe['keys'];
  readonly adapter: AdapterFactory;
  readonly clients: Pick<Clients, 'touch' | 'kindOf'>;
  readonly connections: Pick<Connections, 'find' | 'touch'>;
  readonly people: Pick<People, 'find'>;
  readonly resources: Resources;
  readonly documents: DocumentFetch;
  readonly lifetimes: Lifetimes;
  /** Whether a person may have tokens for a place at all. */
  readonly admits: (person: Person, audience: string) => boolean;
  readonly machineScopes: (clientId: string) => readonly string[];
  readonly interactionPath: string;
  readonly errorPage: (problem: OAuthProblem) => ErrorPage;
}

/** The paths of the protocol; metadata stand at the well-known ones. */
export const PATHS = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  jwks: '/oauth/jwks',
  registration: '/oauth/register',
  revocation: '/oauth/revoke',
} as const;

const CODE_SECONDS = 60;
/** How long a client's document is believed, whatever its server says of it. */
const DOCUMENT_SECONDS = { min: 300, max: 86_400 };
const DISABLED = [
  'devInteractions',
  'dPoP',
  'pushedAuthorizationRequests',
  'rpInitiatedLogout',
  'userinfo',
] as const;

/** An instance for one set of keys and one policy: it holds no state of its own, so another can take its place at any time. */
export function createProvider(
  parts: ProviderParts,
  jwks: JWKS,
  switches: { cimd: boolean; dcr: boolean },
): oidc.Provider {
  const provider = new Provider(parts.issuer, {
    ...protocol(parts, switches),
    ...lifetimes(parts.lifetimes),
    jwks,
    adapter: parts.adapter,
    cookies: cookies(parts),
    findAccount: findAccount(parts),
    interactions: {
      policy: createInteractionPolicy(),
      url: (_ctx, { uid }) => `${parts.interactionPath}/${uid}`,
    },
    features: features(parts, switches),
    extraTokenClaims: async (_ctx, token) => {
      if (token.kind !== 'AccessToken') return undefined;
      await parts.connections.touch(token.grantId);
      await parts.clients.touch(token.clientId ?? '');
      return { sid: token.grantId };
    },
    fetch: (input) => parts.documents.fetch(input),
    renderError: (ctx, out, error) => {
      const description = descriptionOf(error) ?? out.error_description;
      const { html, headers } = parts.errorPage({
        error: out.error,
        ...(description !== undefined && { description }),
      });
      ctx.set({ ...headers });
      ctx.body = html;
    },
  });
  // The request was pinned to the canonical host before it came here: what it says of itself is true.
  provider.proxy = true;
  provider.use(async (ctx, next) => {
    await next();
    const { body, path } = ctx;
    const metadata = path.startsWith('/.well-known/') && typeof body === 'object' && body !== null;
    if (metadata && 'response_modes_supported' in body) body.response_modes_supported = ['query'];
    // The library sets its session's cookie in any case; here it would name nothing.
    const cookies = [ctx.res.getHeader('set-cookie') ?? []].flat().map(String);
    const kept = cookies.filter((cookie) => !cookie.includes('switchyard-session'));
    ctx.remove('set-cookie');
    if (kept.length > 0) ctx.set('set-cookie', kept);
  });
  return provider;
}

/** What was wrong with a document says more than that it could not be had. */
function descriptionOf({ cause }: Error): string | undefined {
  return cause instanceof errors.InvalidClientMetadata ? cause.error_description : undefined;
}

function protocol({ issuer }: ProviderParts, { dcr }: { dcr: boolean }): Configuration {
  return {
    routes: PATHS,
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', ...MCP_SCOPES],
    claims: { openid: ['sub'] },
    pkce: { required: () => true },
    clientAuthMethods: [...CLIENT_AUTH_METHODS],
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM, response_modes: ['query'] },
    enabledJWA: {
      idTokenSigningAlgValues: [SIGNING_ALGORITHM],
      clientAuthSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    },
    discovery: dcr ? { registration_endpoint: `${issuer}${PATHS.registration}` } : {},
    // Clients seldom ask for offline_access, and all of them expect to stay connected.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: () => true,
    expiresWithSession: async () => false,
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => isOriginOf(uri, origin)),
  };
}

/** A client in a browser asks from where its answers go to; on the own machine at whatever port. */
function isOriginOf(redirectUri: string, origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const [target, from] = [new URL(redirectUri), new URL(origin)];
  const loopback = target.protocol === 'http:' && isLoopbackHost(target.hostname);
  return target.origin === from.origin || (loopback && from.hostname === target.hostname);
}

function lifetimes({ accessToken, connection, interaction }: Lifetimes): Configuration {
  return {
    ttl: {
      AccessToken: accessToken,
      ClientCredentials: accessToken,
      IdToken: accessToken,
      AuthorizationCode: CODE_SECONDS,
      Interaction: interaction,
      Session: interaction,
      Grant: connection,
      RefreshToken: (_ctx, token) => Math.max(1, connection - token.totalLifetime()),
    },
  };
}

/** `__Host-` wants the path `/`, which would let two sign-ins in one browser overwrite each other. */
function cookies({ issuer, keys }: ProviderParts): Configuration['cookies'] {
  const secure = issuer.startsWith('https:');
  const prefix = secure ? '__Secure-' : '';
  const options = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  const key = keys.key(keys.current) ?? new Uint8Array();
  return {
    names: {
      session: `${prefix}switchyard-session`,
      interaction: `${prefix}switchyard-interaction`,
      resume: `${prefix}switchyard-resume`,
    },
    short: options,
    long: options,
    keys: [createHmac('sha256', key).update('oauth cookies').digest('base64url')],
  };
}

/** Asked with every code, refresh and assertion: whoever was disabled, and whatever was ended, gets nothing more. */
function findAccount({ people, connections, resources, admits }: ProviderParts): FindAccount {
  return async (ctx, personId, token) => {
    const person = await people.find(personId);
    if (!person || person.disabled === true) return undefined;
    if (token && 'grantId' in token) {
      const connection = await connections.find(token.grantId ?? '');
      if (!connection || !admits(person, connection.audience)) return undefined;
      canonicaliseResource(ctx, resources);
    }
    return { accountId: personId, claims: () => ({ sub: personId }) };
  };
}

/** The library compares a token request's resource with the granted one as text, and this is its last hook before that. */
function canonicaliseResource({ oidc: { params } }: KoaContextWithOIDC, resources: Resources): void {
  const asked = params?.['resource'];
  if (params && typeof asked === 'string') params['resource'] = resources.resolve(asked)?.audience ?? asked;
}

function features(parts: ProviderParts, { cimd }: { cimd: boolean }): Configuration['features'] {
  const { resources, documents, clients } = parts;
  return {
    ...Object.fromEntries(DISABLED.map((name) => [name, { enabled: false }])),
    clientCredentials: { enabled: true },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    clientIdMetadataDocument: cimd
      ? {
          enabled: true,
          ack: 'draft-02',
          allowFetch: (_ctx, clientId) => documents.admits(clientId),
          allowClient: (_ctx, { clientId }) =>
            documents.admits(clientId) && clients.kindOf(clientId) === 'metadata-document',
          cacheDuration: DOCUMENT_SECONDS,
        }
      : { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resources.defaultAudience,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, indicator) => resourceServerOf(ctx, indicator, parts),
    },
  };
}

function resourceServerOf(ctx: KoaContextWithOIDC, indicator: string, parts: ProviderParts): ResourceServer {
  const { params, client } = ctx.oidc;
  const { resources, lifetimes, machineScopes } = parts;
  const resource = Array.isArray(params?.['resource']) ? undefined : resources.resolve(indicator);
  if (!resource)
    throw new errors.InvalidTarget('ask for one resource: the URL of an MCP endpoint of this server');
  if (params?.['grant_type'] !== 'client_credentials') return resourceServer(resource, lifetimes.accessToken);
  // Nobody is asked here, so the admin API is out of reach.
  if (resource.audience === resources.adminAudience) throw new errors.InvalidTarget();
  const scopes = machineScopes(client?.clientId ?? '');
  params['scope'] ??= scopes.join(' ');
  return resourceServer({ ...resource, scopes }, lifetimes.accessToken);
}
