import { createHash } from 'node:crypto';

import { isRecord } from '@switchyard/catalogue';

import type { SafeFetch } from '../egress/safe-fetch.ts';
import type { DurableState } from '../state/durable-state.ts';
import { type KeyRing, openRecord, sealRecord } from '../state/envelope.ts';
import { toLinkError } from './discovery.ts';
import type { OauthClient } from './grant.ts';
import { LinkError } from './link-error.ts';
import type { ServerMetadata } from './server-metadata.ts';

/** What Switchyard says about itself: the body of a registration, and with a `client_id` its metadata document. */
export interface ClientMetadata {
  readonly client_name: string;
  readonly client_uri: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly token_endpoint_auth_method: 'none';
  readonly application_type: 'web' | 'native';
}

/** `documentUrl`: where the metadata document is served, when the world can read it there. */
export interface RegistrationOptions {
  readonly state: DurableState;
  readonly keys: KeyRing;
  readonly metadata: ClientMetadata;
  readonly documentUrl?: string;
  /** Clients that somebody registered by hand, by issuer. */
  readonly registered?: ReadonlyMap<string, OauthClient>;
  readonly now: () => number;
}

/** Makes Switchyard known to authorization servers. */
export interface ClientRegistration {
  /** The client for a server: registered by hand, by metadata document, or by itself, once for all replicas. */
  clientFor(server: ServerMetadata, fetch: SafeFetch): Promise<OauthClient>;
  /**
   * The server does not know this client. True when that is for good: a client that registered itself can be forgotten
   * by the server; with another one somebody slipped, and will mend it.
   */
  forget(issuer: string, client: OauthClient): Promise<boolean>;
}

interface StoredClient extends OauthClient {
  readonly redirectUri: string;
  /** Milliseconds since 1970; absent: the secret does not run out. */
  readonly secretExpiresAt?: number;
}

/** The order is the MCP specification's: registered by hand, metadata document, dynamic registration. */
export function createClientRegistration(options: RegistrationOptions): ClientRegistration {
  const { state, keys, metadata, documentUrl, registered, now } = options;
  const redirectUri = metadata.redirect_uris[0] ?? '';

  async function stored(issuer: string): Promise<{ client?: StoredClient; version: number }> {
    const row = await state.get(rowOf(issuer));
    if (!row) return { version: 0 };
    const text = openRecord(keys, boundTo(issuer), row.value);
    const client = text === undefined ? undefined : (JSON.parse(text) as StoredClient);
    const usable =
      client?.redirectUri === redirectUri && (client.secretExpiresAt ?? Infinity) > now() + EXPIRY_MARGIN_MS;
    return { version: row.version, ...(usable && { client }) };
  }

  async function register(server: ServerMetadata, fetch: SafeFetch): Promise<OauthClient> {
    const { issuer } = server;
    const known = await stored(issuer);
    if (known.client) return known.client;
    const client = { ...(await requestClient(server, { metadata, fetch })), redirectUri };
    const sealed = sealRecord(keys, boundTo(issuer), JSON.stringify(client));
    // Of two replicas that register at once, one is remembered; the other's client serves this one attempt.
    await state.put(rowOf(issuer), sealed, { ifVersion: known.version });
    return client;
  }

  return {
    async clientFor(server, fetch) {
      const byHand = registered?.get(server.issuer);
      if (byHand) return byHand;
      if (documentUrl !== undefined && server.client_id_metadata_document_supported)
        return { clientId: documentUrl };
      return register(server, fetch);
    },
    async forget(issuer, { clientId }) {
      if (registered?.has(issuer) || clientId === documentUrl) return false;
      const known = await stored(issuer);
      if (known.client?.clientId === clientId) await state.delete(rowOf(issuer));
      return true;
    },
  };
}

const EXPIRY_MARGIN_MS = 600_000;

function rowOf(issuer: string): string {
  return `atlassian:client:${createHash('sha256').update(issuer).digest('base64url')}`;
}

function boundTo(issuer: string): readonly string[] {
  return ['atlassian-client', issuer];
}

async function requestClient(
  server: ServerMetadata,
  { metadata, fetch }: { readonly metadata: ClientMetadata; readonly fetch: SafeFetch },
): Promise<OauthClient & { secretExpiresAt?: number }> {
  const { host } = new URL(server.issuer);
  if (server.registration_endpoint === undefined)
    throw new LinkError('not_offered', `${host} offers no way to become a client`);
  const answer = await fetch(server.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(metadata),
  }).catch(toLinkError);
  const said: unknown = await answer.json().catch(() => undefined);
  if (answer.status >= 500) throw new LinkError('unreachable', `${host} could not register a client`);
  if (!answer.ok || !isRecord(said) || typeof said['client_id'] !== 'string' || said['client_id'] === '')
    throw new LinkError(
      isAboutDomain(said) ? 'domain_refused' : 'registration_refused',
      `${host} registered no client`,
    );
  return readClient(said, server);
}

/** A secret that nobody asked for is authoritative all the same: Atlassian's server gives one, and wants it. */
function readClient(
  said: Readonly<Record<string, unknown>>,
  server: ServerMetadata,
): OauthClient & { secretExpiresAt?: number } {
  const clientId = String(said['client_id']);
  const { client_secret: secret, client_secret_expires_at: expires } = said;
  const authentication = methodFor(said['token_endpoint_auth_method'], server);
  if (typeof secret !== 'string' || secret === '' || authentication === undefined) return { clientId };
  const secretExpiresAt = typeof expires === 'number' && expires > 0 ? expires * 1_000 : undefined;
  return { clientId, secret, authentication, ...(secretExpiresAt !== undefined && { secretExpiresAt }) };
}

/** What the registration says, unless it says `none` beside a secret; else what the server takes. Basic is the default. */
function methodFor(said: unknown, server: ServerMetadata): OauthClient['authentication'] {
  const offered = server.token_endpoint_auth_methods_supported ?? [BASIC];
  if (said === BASIC || said === POST) return said;
  if (offered.includes(BASIC)) return BASIC;
  return offered.includes(POST) ? POST : undefined;
}

const BASIC = 'client_secret_basic';
const POST = 'client_secret_post';

/** Atlassian's organizations list the domains that may connect (atlassian-mcp-server #254, #246). */
export function isAboutDomain(said: unknown): boolean {
  const words = isRecord(said) ? `${String(said['error'])} ${String(said['error_description'])}` : '';
  return /domain|redirect/i.test(words);
}
