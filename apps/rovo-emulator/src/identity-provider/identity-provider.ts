// A company's OpenID provider in one process: people sign in by picking their name.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Provider } from 'oidc-provider';

import { sendReply } from '../http-reply.ts';
import type { SigningKey } from './forged-answer.ts';
import {
  DEFAULT_IDENTITY_PROVIDER_SETTINGS,
  type IdentityProviderOptions,
  type IdentityProviderSettings,
  type Person,
  type RelyingParty,
} from './identity-provider-options.ts';
import { createOidcProvider } from './oidc-provider.ts';
import { peoplePage } from './people-page.ts';

/** A running or runnable identity provider. */
export interface IdentityProvider {
  /** Starts to serve and answers the issuer, which is the origin without a trailing slash. */
  start(): Promise<{ issuer: string; port: number }>;
  /** Ends every connection. Safe to call twice. */
  stop(): Promise<void>;
  readonly control: IdentityProviderControl;
}

/** Run-time control; all of it takes effect with the next request. */
export interface IdentityProviderControl {
  settings(): Readonly<IdentityProviderSettings>;
  updateSettings(partial: Partial<IdentityProviderSettings>): void;
  /** Adds a client, or replaces the one of that id. */
  putClient(client: RelyingParty): void;
  /** Replaces everybody, so that people can leave or change groups. */
  setPeople(people: readonly Person[]): void;
}

const AUTHORIZE_PATH = '/auth';
const SESSION_COOKIE = 'idp_session';
const SESSION_SECONDS = 600;

/** Builds an identity provider; nothing is listening before `start`. */
export function createIdentityProvider(options: IdentityProviderOptions): IdentityProvider {
  const { host = '127.0.0.1', port = 0, now = Date.now } = options;
  const settings: IdentityProviderSettings = { ...DEFAULT_IDENTITY_PROVIDER_SETTINGS, ...options.settings };
  const clients = new Map(options.clients?.map((client) => [client.clientId, client]));
  let people = options.people;
  const findPerson = (name: string | null): Person | undefined =>
    people.find(({ sub, email }) => name === sub || (name !== null && name === email));
  const server = createServer();
  return {
    async start() {
      const address = await listen(server, host, port);
      const urlHost = host.includes(':') ? `[${host}]` : host;
      const issuer = `http://${urlHost}:${address.port}`;
      const provider = await createOidcProvider({
        issuer,
        settings,
        clients,
        findPerson,
        now,
        sessionCookie: SESSION_COOKIE,
        key: createSigningKey(),
      });
      const handle = requestHandler(provider, { settings, findPerson, people: () => people });
      server.on('request', (request, response) => {
        handle(request, response).catch(() => response.destroy());
      });
      return { issuer, port: address.port };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    control: {
      settings: () => ({ ...settings }),
      updateSettings: (partial) => void Object.assign(settings, partial),
      putClient: (client) => void clients.set(client.clientId, client),
      setPeople(everybody) {
        people = everybody;
      },
    },
  };
}

interface SignIn {
  readonly settings: Readonly<IdentityProviderSettings>;
  readonly findPerson: (name: string | null) => Person | undefined;
  readonly people: () => readonly Person[];
}

/**
 * Sign-in is a parameter of the authorization request: the page repeats the request with `person`. So no
 * cookie of this provider reaches a browser, where it would be seen by every other port of the host.
 */
function requestHandler(
  provider: Provider,
  { settings, findPerson, people }: SignIn,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const serve = provider.callback();
  return async (request, response) => {
    const url = new URL(request.url ?? '/', provider.issuer);
    delete request.headers.cookie;
    if (url.pathname === AUTHORIZE_PATH) {
      const query = url.searchParams;
      const person = findPerson(query.get('person') ?? settings.autoSignIn ?? query.get('login_hint'));
      if (person === undefined && query.get('prompt') !== 'none') {
        return sendReply(response, peoplePage(query, people()));
      }
      if (person !== undefined) {
        // The person was asked just now, whatever `prompt` says.
        query.delete('prompt');
        request.url = url.pathname + url.search;
        request.headers.cookie = `${SESSION_COOKIE}=${await openSession(provider, person)}`;
      }
    }
    await serve(request, response);
  };
}

async function openSession(provider: Provider, { sub }: Person): Promise<string> {
  const session = new provider.Session();
  session.loginAccount({ accountId: sub, transient: true });
  return session.save(SESSION_SECONDS);
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo); // a TCP server that listens has one
    });
  });
}

function createSigningKey(): SigningKey {
  return { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }), kid: randomUUID() };
}
