// Who may ask for consent: registered clients and clients with a metadata document, but no console apps.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';

import { BoundedMap } from '../bounded-map.ts';
import { isObject, type JsonObject, textOf, textsOf } from '../json-value.ts';
import type { ServerKind } from './authorization-server.ts';
import { isDocumentUrl, readClientMetadata } from './client-metadata.ts';
import { OAuthError } from './oauth-error.ts';
import type { OAuthSettings } from './oauth-settings.ts';

/** A client of one of the two servers. */
export interface OAuthClient {
  readonly id: string;
  readonly name: string;
  readonly redirectUris: readonly string[];
  /** Absent for public clients. */
  readonly secret?: string;
}

/** What a client shows at the token endpoint. */
export interface ClientProof {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

/** The clients of an emulator. */
export interface OAuthClients {
  /** RFC 7591; answers the registration, throws OAuthError `invalid_client_metadata` or `invalid_redirect_uri`. */
  register(server: ServerKind, metadata: unknown): JsonObject;
  /** Throws OAuthError `invalid_client`, or `unauthorized_client` for an app of the developer console. */
  find(server: ServerKind, clientId: string): Promise<OAuthClient>;
  /** As `find`, and the secret must fit. */
  authenticate(server: ServerKind, proof: ClientProof): Promise<OAuthClient>;
}

/** The id of an app of the developer console (3LO), which the endpoint does not accept. */
export const CONSOLE_CLIENT_ID = 'demo-console-app';

const MOST_CLIENTS = 10_000;
const MOST_REDIRECT_URIS = 20;
const AUTH_METHODS: readonly unknown[] = ['none', 'client_secret_post', 'client_secret_basic'];
const REFUSED_SCHEMES: ReadonlySet<string> = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'blob:']);

/** Keeps clients in memory, bounded in number; `now` is a clock in milliseconds. */
export function createOAuthClients(settings: Readonly<OAuthSettings>, now: () => number): OAuthClients {
  const registered = new BoundedMap<OAuthClient>(MOST_CLIENTS);
  const find = async (server: ServerKind, clientId: string): Promise<OAuthClient> => {
    if (clientId === CONSOLE_CLIENT_ID) {
      throw new OAuthError(
        'unauthorized_client',
        'Apps of the developer console are not accepted: register the client, or use a metadata document.',
      );
    }
    const client = registered.get(`${server} ${clientId}`);
    if (client !== undefined) return client;
    if (server === 'old' || !settings.oauthClientMetadata || !isDocumentUrl(clientId)) {
      throw new OAuthError('invalid_client', 'Unknown client.');
    }
    return { id: clientId, ...(await readClientMetadata(clientId)) };
  };
  return {
    find,
    register(server, metadata) {
      const { method, answer } = readRegistration(metadata);
      const isConfidential = method !== 'none' || (server === 'current' && settings.oauthSecretDespiteNone);
      const secret = isConfidential ? randomUUID() : undefined;
      const id = randomUUID();
      registered.set(`${server} ${id}`, {
        id,
        name: textOf(answer['client_name']) ?? id,
        redirectUris: textsOf(answer['redirect_uris']),
        ...(secret === undefined ? {} : { secret }),
      });
      return {
        client_id: id,
        client_id_issued_at: Math.floor(now() / 1000),
        ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
        ...answer,
      };
    },
    async authenticate(server, { clientId, clientSecret }) {
      const client = await find(server, clientId);
      if (client.secret !== undefined && !isSame(client.secret, clientSecret ?? '')) {
        throw new OAuthError('invalid_client', 'The client did not authenticate with its secret.');
      }
      return client;
    },
  };
}

function readRegistration(metadata: unknown): { readonly method: string; readonly answer: JsonObject } {
  if (!isObject(metadata))
    throw new OAuthError('invalid_client_metadata', 'The body must be a JSON object of at most 64 KiB.');
  const given = metadata['redirect_uris'];
  const redirectUris = textsOf(given);
  if (redirectUris.length === 0 || redirectUris.length > MOST_REDIRECT_URIS) {
    throw new OAuthError('invalid_redirect_uri', `redirect_uris must be 1 to ${MOST_REDIRECT_URIS} URIs.`);
  }
  const bad = redirectUris.findIndex((uri) => !isRedirectUri(uri));
  if (bad >= 0 || redirectUris.length !== (Array.isArray(given) ? given.length : 0)) {
    throw new OAuthError('invalid_redirect_uri', 'A redirect URI is no absolute URI without fragment.');
  }
  const method = textOf(metadata['token_endpoint_auth_method']) ?? 'client_secret_basic';
  if (!AUTH_METHODS.includes(method)) {
    throw new OAuthError('invalid_client_metadata', 'token_endpoint_auth_method is not supported.');
  }
  const name = textOf(metadata['client_name']);
  return {
    method,
    answer: {
      ...(name === undefined ? {} : { client_name: name }),
      redirect_uris: redirectUris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: method,
    },
  };
}

function isRedirectUri(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  return !REFUSED_SCHEMES.has(new URL(uri).protocol) && !uri.includes('#');
}

function isSame(expected: string, given: string): boolean {
  return timingSafeEqual(digestOf(expected), digestOf(given));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
