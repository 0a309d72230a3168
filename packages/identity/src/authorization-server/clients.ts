import type { Picks, Secret } from '@switchyard/catalogue';
import type { ClientMetadata, JWKS } from 'oidc-provider';

import { JWT_BEARER } from './client-metadata.ts';
import type { RedirectPolicy } from './redirect-policy.ts';
import { createSealedRecords, type Safe } from './sealed-records.ts';

/** A client that the administrator entered. With neither secret nor keys it is a public one. */
export interface ConfiguredClient {
  readonly clientId: string;
  readonly name: string;
  readonly secret?: Secret;
  /** Public keys for `private_key_jwt`, or where they are. */
  readonly jwks?: JWKS;
  readonly jwksUri?: string;
  /** Allowed whatever the redirect policy says. */
  readonly redirectUris?: readonly string[];
  /** Set: the client gets tokens for itself (`client_credentials`), and these are its limits. */
  readonly machine?: Picks;
}

/** What administrators decide; replaced whole when the configuration is read again. */
export interface ClientPolicy {
  readonly redirects: RedirectPolicy;
  /** Client ids that are URLs of documents (CIMD); `cimdHosts`: only those of these hosts. */
  readonly cimd: boolean;
  readonly cimdHosts?: readonly string[];
  /** Dynamic registration (RFC 7591). Clients that registered before stay. */
  readonly dcr: boolean;
  readonly clients: readonly ConfiguredClient[];
}

/** How a client came to be known. */
export type ClientKind = 'metadata-document' | 'registered' | 'configured';

/** Everything about clients but documents, which `oidc-provider` fetches itself. */
export interface Clients {
  /** The metadata that `oidc-provider` builds a client from; its redirect addresses are judged anew each time. */
  find(clientId: string): Promise<ClientMetadata | undefined>;
  /** False when there are too many already. */
  register(metadata: ClientMetadata): Promise<boolean>;
  /** Prolongs the life of a registration that is used. */
  touch(clientId: string): Promise<void>;
  /** Forgets a registration; with `block` the id is refused from now on, however the client comes. */
  remove(clientId: string, options: { block: boolean }): Promise<void>;
  unblock(clientId: string): Promise<void>;
  isBlocked(clientId: string): Promise<boolean>;
  kindOf(clientId: string): ClientKind;
  /** Whether an answer may go there: the library lets programs on the own machine choose any port. */
  mayRedirect(clientId: string, uri: string): boolean;
}

export interface ClientsOptions extends Safe {
  readonly policy: () => ClientPolicy;
  readonly now: () => number;
  readonly maxRegistered: number;
  /** Whether ID-JAG is turned on: a grant type that nobody serves may not be asked for. */
  readonly jwtBearer: boolean;
}

interface Registration {
  readonly metadata: ClientMetadata;
  readonly usedAtMs: number;
}

const DAY_MS = 86_400_000;
/** A registration that nobody used for so long is forgotten; many are never used at all. */
const UNUSED_MS = 90 * DAY_MS;
const ALL = 'oauth:clients';

/** Registered clients in the store, configured ones in the configuration, and the block list over all of them. */
export function createClients({ policy, now, maxRegistered, jwtBearer, ...safe }: ClientsOptions): Clients {
  const registrations = createSealedRecords<Registration>(safe, 'client');
  const blocks = createSealedRecords<{ readonly sinceMs: number }>(safe, 'blocked-client');

  function kindOf(clientId: string): ClientKind {
    if (policy().clients.some((client) => client.clientId === clientId)) return 'configured';
    return clientId.startsWith('https://') ? 'metadata-document' : 'registered';
  }

  async function hasRoom(): Promise<boolean> {
    const known = await safe.state.members(ALL);
    if (known.length < maxRegistered) return true;
    const alive = await Promise.all(known.map((id) => registrations.get(id)));
    const dead = known.filter((_id, index) => alive[index] === undefined);
    for (const id of dead) await safe.state.removeMember(ALL, id);
    return known.length - dead.length < maxRegistered;
  }

  return {
    async find(clientId) {
      const configured = policy().clients.find((client) => client.clientId === clientId);
      if (configured) return configuredMetadata(configured, jwtBearer);
      const metadata = (await registrations.get(clientId))?.record.metadata;
      const admitted = metadata?.redirect_uris?.filter((uri) => policy().redirects.admits(uri)) ?? [];
      return metadata && admitted.length > 0 ? { ...metadata, redirect_uris: admitted } : undefined;
    },
    async register(metadata) {
      if (!(await hasRoom())) return false;
      await safe.state.addMember(ALL, metadata.client_id, UNUSED_MS);
      return registrations.put(
        metadata.client_id,
        { metadata, usedAtMs: now() },
        { ttlMs: UNUSED_MS, ifVersion: 0 },
      );
    },
    async touch(clientId) {
      const known = await registrations.get(clientId);
      if (!known || now() - known.record.usedAtMs < DAY_MS) return;
      const record = { ...known.record, usedAtMs: now() };
      await safe.state.addMember(ALL, clientId, UNUSED_MS);
      await registrations.put(clientId, record, { ttlMs: UNUSED_MS, ifVersion: known.version });
    },
    async remove(clientId, { block }) {
      if (block) await blocks.put(clientId, { sinceMs: now() });
      await registrations.delete(clientId);
      await safe.state.removeMember(ALL, clientId);
    },
    unblock: async (clientId) => void (await blocks.delete(clientId)),
    isBlocked: async (clientId) => (await blocks.get(clientId)) !== undefined,
    kindOf,
    mayRedirect: (clientId, uri) => kindOf(clientId) === 'configured' || policy().redirects.admits(uri),
  };
}

function configuredMetadata(client: ConfiguredClient, jwtBearer: boolean): ClientMetadata {
  const { clientId, name, secret, jwks, jwksUri, redirectUris = [], machine } = client;
  const interactive = redirectUris.length > 0;
  const method = authMethod(client);
  return {
    client_id: clientId,
    client_name: name,
    application_type: redirectUris.some((uri) => !uri.startsWith('https:')) ? 'native' : 'web',
    redirect_uris: [...redirectUris],
    response_types: interactive ? ['code'] : [],
    grant_types: [
      ...(interactive ? ['authorization_code', 'refresh_token'] : []),
      ...(machine ? ['client_credentials'] : []),
      ...(jwtBearer && method !== 'none' ? [JWT_BEARER] : []),
    ],
    token_endpoint_auth_method: method,
    ...(secret && { client_secret: secret.reveal() }),
    ...(jwks && { jwks }),
    ...(jwksUri !== undefined && { jwks_uri: jwksUri }),
  };
}

function authMethod({
  secret,
  jwks,
  jwksUri,
}: ConfiguredClient): 'client_secret_basic' | 'private_key_jwt' | 'none' {
  if (jwks ?? jwksUri) return 'private_key_jwt';
  return secret ? 'client_secret_basic' : 'none';
}
