import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ClientMetadata, Provider } from 'oidc-provider';

import type { SafeFetchOptions } from '../egress/safe-fetch.ts';
import { type Administration, createAdministration } from './administration.ts';
import type { ClientPolicy } from './clients.ts';
import { createDocumentFetch } from './document-fetch.ts';
import { createEndpoint } from './endpoint.ts';
import type { AuthorizationEvent } from './events.ts';
import { createIdJag } from './id-jag.ts';
import { createInteractions, type Interactions } from './interactions.ts';
import type { People, Person } from './people.ts';
import { CALLBACK_PATH, INTERACTION_PATH } from './places.ts';
import { createProviderAdapter } from './provider-adapter.ts';
import { createProviderSource } from './provider-source.ts';
import type { ErrorPage, Lifetimes, OAuthProblem } from './provider.ts';
import { createRecords, type Records } from './records.ts';
import { createRegistration } from './registration.ts';
import { createResources } from './resources.ts';
import type { Safe } from './sealed-records.ts';
import { createSignIn, type IdentityProviderOptions, type SignIn } from './sign-in.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import type { Change } from './standings.ts';
import { createTokenVerifier, type MachineClients, type VerifyToken } from './token-verifier.ts';

/** Everything the authorization server is built from. */
export interface AuthorizationServerOptions extends Safe {
  /** The public origin, such as `https://mcp.acme.example`. */
  readonly issuer: string;
  /** The canonical form of an MCP URL of this server, or undefined for what is none. */
  readonly findResource: (url: string) => string | undefined;
  readonly identityProvider: IdentityProviderOptions;
  /** Read with every use; a new object takes effect with the next request. */
  readonly policy: () => ClientPolicy;
  /** Whether a person may have tokens for a place at all. The admin API is `<issuer>/admin`. */
  readonly admits: (person: Person, audience: string) => boolean;
  readonly errorPage: (problem: OAuthProblem) => ErrorPage;
  readonly addressOf: (req: IncomingMessage) => string;
  readonly onEvent?: (event: AuthorizationEvent) => void;
  /** OpenID Connect issuers whose ID-JAG assertions are believed; absent: that grant is off. */
  readonly idJag?: readonly string[];
  readonly lifetimes?: Partial<Lifetimes>;
  readonly maxRegisteredClients?: number;
  /** How documents of clients are fetched. `loopback` is for development alone. */
  readonly documents?: Pick<SafeFetchOptions, 'loopback' | 'resolver'>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** An OAuth 2.1 authorization server for the MCP URLs of one origin; people sign in at the company's identity provider. */
export interface AuthorizationServer extends Administration {
  /** Whether `handle` answers this path. */
  serves(path: string): boolean;
  /** Answers a protocol request; `req.url` and `req.headers` are changed on the way. Never rejects. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  readonly verify: VerifyToken;
  readonly signIn: SignIn;
  readonly interactions: Interactions;
  readonly people: Pick<People, 'find' | 'list'>;
  /** Publishes a new signing key, which takes over a minute later; tokens of the old one stay valid to their end. */
  rotateKeys(): Promise<void>;
  /** Told on every replica; returns the way to stop. */
  onChange(listener: (change: Change) => void): () => void;
  close(): Promise<void>;
}

const DEFAULTS: Lifetimes = { accessToken: 600, connection: 30 * 86_400, interaction: 600 };
const GRACE_MS = 120_000;
const PUBLISH_MS = 60_000;
/** Beyond the life of the last token: clocks differ. */
const RETIRE_SLACK_MS = 300_000;
const MAX_REGISTERED = 10_000;
const KEYS_CHANNEL = 'oauth:keys';

/**
 * Reads or makes the signing keys and builds the server. Rejects with `IdentityError`: `invalid_option` for what can
 * never work, `state_unavailable` while the store does not answer.
 */
export async function buildAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const settings = settle(options);
  const { state, onEvent } = settings;
  const records = createRecords(settings);
  const signingKeys = await createSigningKeys(settings);
  const stopKeys = state.subscribe(KEYS_CHANNEL, () => {
    signingKeys.reload().catch(() => onEvent({ kind: 'failure', where: 'keys' }));
  });
  const { documents, ...served } = serve(settings, records, signingKeys);
  return {
    ...served,
    ...createAdministration(records, onEvent),
    people: records.people,
    onChange: records.standings.onChange,
    async rotateKeys() {
      await signingKeys.rotate();
      await state.publish(KEYS_CHANNEL, '');
      onEvent({ kind: 'keys_rotated' });
    },
    async close() {
      stopKeys();
      records.standings.close();
      await documents.close();
    },
  };
}

type Settings = ReturnType<typeof settle>;

/** The options with everything filled in that was left out. */
function settle(options: AuthorizationServerOptions) {
  const { issuer, now = Date.now, onEvent = () => undefined } = options;
  const lifetimes: Lifetimes = { ...DEFAULTS, ...options.lifetimes };
  return {
    ...options,
    now,
    onEvent,
    lifetimes,
    connectionMs: lifetimes.connection * 1_000,
    lifetimeMs: lifetimes.interaction * 1_000,
    maxRegistered: options.maxRegisteredClients ?? MAX_REGISTERED,
    jwtBearer: options.idJag !== undefined,
    resources: createResources(issuer, options.findResource),
    publishMs: PUBLISH_MS,
    retireMs: lifetimes.accessToken * 1_000 + RETIRE_SLACK_MS,
    graceMs: GRACE_MS,
  };
}

/** What answers requests. */
function serve(settings: Settings, records: Records, signingKeys: SigningKeys) {
  const { issuer, policy, identityProvider, idJag, now, jwtBearer } = settings;
  const { people, clients, connections } = records;
  const machines: MachineClients = (clientId) => {
    const picks = policy().clients.find((client) => client.clientId === clientId)?.machine;
    return picks && { picks };
  };
  const documents = createDocumentFetch({ ...settings.documents, policy, jwtBearer, now });
  const adapter = createProviderAdapter({
    ...settings,
    clients,
    endConnection: async (id) => void (await records.endConnection(id)),
  });
  const accessTokenSeconds = settings.lifetimes.accessToken;
  const grants = { ...settings, people, connections, accessTokenSeconds, profileRules: identityProvider };
  const source = createProviderSource({
    ...settings,
    people,
    clients,
    connections,
    adapter,
    documents,
    machines,
    signingKeys,
    serveIdJag: idJag && createIdJag({ ...grants, issuers: idJag }),
    interactionPath: INTERACTION_PATH,
  });
  const provider = (): Provider => source().provider;
  const validate = (metadata: ClientMetadata): Promise<void> => provider().Client.validate(metadata);
  const register = createRegistration({ ...settings, clients, validate });
  // Built now, so that what it refuses is known at the start.
  provider();
  return {
    documents,
    ...createEndpoint({ ...settings, source, signingKeys, register }),
    verify: createTokenVerifier({
      ...settings,
      keys: signingKeys,
      standings: records.standings,
      machines,
      lifetimeSeconds: accessTokenSeconds,
    }),
    interactions: createInteractions({ ...settings, provider, people, clients, connections }),
    signIn: createSignIn({
      ...settings,
      people,
      provider: identityProvider,
      callbackUrl: `${issuer}${CALLBACK_PATH}`,
    }),
  };
}
