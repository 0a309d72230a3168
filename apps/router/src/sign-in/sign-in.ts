import { mayUse, type Site } from '@switchyard/catalogue';
import {
  type AuthorizationServer,
  createAtlassianOauth,
  createAuthorizationServer,
  createLinking,
  createVault,
  type DurableState,
  type KeyRing,
  type Person,
  type Vault,
} from '@switchyard/identity';
import type { Telemetry } from '@switchyard/telemetry';
import { Router } from 'express';

import type { OAuthConfig } from '../config/config.ts';
import { isLoopback } from '../config/value-rules.ts';
import { CALLBACK_PATH, CLIENT_DOCUMENT_PATH, createConnectRouter } from '../connect/connect-router.ts';
import { createLinkChecks } from '../connect/link-checks.ts';
import type { Audit } from '../gateway/audit-trail.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { callerOf } from '../gateway/own-callers.ts';
import { createBrowserIdentity } from '../oauth/browser-identity.ts';
import { oauthErrorPage } from '../oauth/oauth-problems.ts';
import { createOAuthRouter } from '../oauth/oauth-router.ts';
import { createOwnSessions } from '../oauth/own-sessions.ts';
import { clientPolicy } from './client-policy.ts';
import { createChoices } from './consent-choices.ts';
import { createSignInRecords } from './sign-in-records.ts';

/** People who sign in: the authorization server, their linked sites, and the pages of both. */
export interface SignInSide {
  /** Sign-in, consent, connected apps, linked sites, and the protocol itself; what it does not serve goes on. */
  readonly router: Router;
  readonly server: AuthorizationServer;
  readonly vault: Vault;
  /** What a token of the admin API must be for. */
  readonly adminResource: string;
  /** Whether a person may use the admin API. */
  isAdmin(person: Person): boolean;
  close(): Promise<void>;
}

export interface SignInOptions {
  readonly oauth: OAuthConfig;
  /** The public origin; known since the listener is open. */
  readonly publicUrl: string;
  readonly state: DurableState;
  readonly keys: KeyRing;
  readonly credentialKey: Uint8Array;
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
  readonly audit: Audit;
  /** Something that verdicts rest on has changed: `person:…`, `connection:…`, `client:…`; undefined: anything. */
  readonly onChanged: (subject: string | undefined) => void;
}

const DAY_SECONDS = 86_400;

/** Builds the side of people. Rejects with `IdentityError` when the configuration cannot work or the store does not answer. */
export async function createSignInSide(options: SignInOptions): Promise<SignInSide> {
  const { gateway, onChanged } = options;
  const records = createSignInRecords(options);
  const server = await createServer(options, records);
  const { vault, linking, close } = createLinks(options, records);
  server.onChange((change) =>
    onChanged(change.kind === 'everything' ? undefined : `${change.kind}:${change.id}`),
  );
  const browsers = createBrowserIdentity(options.keys, () => options.publicUrl);
  const publicUrl = (): string => options.publicUrl;
  const sessions = createOwnSessions({ ...options, browsers, people: server.people, publicUrl });
  const onError = (error: unknown): void =>
    options.telemetry.log.error({ error }, 'a page could not be made');
  const pages = { sessions, publicUrl, onError };

  const router = Router();
  router.use(
    createOAuthRouter({
      ...pages,
      server,
      browsers,
      choicesFor: createChoices({ runtime: gateway.runtime, linksOf: vault.linksOf }),
      siteTitle: (cloudId) => gateway.runtime().directory.find(cloudId)?.title ?? cloudId,
    }),
    createConnectRouter({
      ...pages,
      vault,
      linking,
      policy: linkPolicy(gateway),
      onRefused: records.linkRefused,
    }),
  );
  router.use((req, res, next) => {
    if (server.serves(req.path)) void server.handle(req, res);
    else next();
  });
  return {
    router,
    server,
    vault,
    adminResource: adminResource(options.publicUrl),
    isAdmin: (person) => isAdmin(gateway, person),
    async close() {
      await server.close();
      await close();
    },
  };
}

type SignInRecords = ReturnType<typeof createSignInRecords>;

function createServer(options: SignInOptions, records: SignInRecords): Promise<AuthorizationServer> {
  const { oauth, publicUrl, state, keys, gateway } = options;
  const policy = clientPolicy(oauth);
  return createAuthorizationServer({
    issuer: publicUrl,
    state,
    keys,
    identityProvider: oauth,
    policy: () => policy,
    findResource: (url) => canonicalUrl(gateway, publicUrl, url),
    admits: (person, audience) =>
      audience === adminResource(publicUrl)
        ? isAdmin(gateway, person)
        : gateway.runtime().admits(callerOf(person)),
    errorPage: oauthErrorPage,
    addressOf: (req) => gateway.runtime().addresses.clientAddress(req),
    onEvent: records.authorization,
    lifetimes: { accessToken: oauth.accessTokenSeconds, connection: oauth.grantDays * DAY_SECONDS },
    documents: { loopback: isLocal(publicUrl) },
    ...(oauth.idJag && { idJag: oauth.idJag.issuers }),
  });
}

function createLinks(
  { publicUrl, state, keys, credentialKey, gateway, onChanged }: SignInOptions,
  records: SignInRecords,
): { vault: Vault; linking: ReturnType<typeof createLinking>; close(): Promise<void> } {
  const oauth = createAtlassianOauth({
    state,
    keys,
    callbackUrl: `${publicUrl}${CALLBACK_PATH}`,
    documentUrl: `${publicUrl}${CLIENT_DOCUMENT_PATH}`,
  });
  const vault = createVault({
    state,
    keys,
    grants: oauth,
    credentialKey,
    onEvent(event) {
      if (event.type === 'changed') onChanged(`person:${event.person}`);
      else if (event.type === 'needs-reconnect') onChanged(`person:${event.name.person}`);
      records.vault(event);
    },
  });
  const siteOf = (cloudId: string): Site | undefined => gateway.runtime().directory.find(cloudId);
  const linking = createLinking({
    vault,
    oauth,
    credentialKey,
    siteOf: (_person, cloudId) => siteOf(cloudId),
    allowOtherAccounts: () => gateway.runtime().config.links.allowOtherAccounts,
    ...createLinkChecks({ upstream: gateway.upstream, siteOf }),
  });
  return {
    vault,
    linking,
    async close() {
      await vault.close();
      await oauth.close();
    },
  };
}

function linkPolicy(gateway: Gateway): Parameters<typeof createConnectRouter>[0]['policy'] {
  return {
    sitesOf({ personId, name, email, groups }) {
      const caller = callerOf({
        id: personId,
        issuer: '',
        subject: '',
        lastSignInMs: 0,
        groups,
        ...(name !== undefined && { name }),
        ...(email !== undefined && { email }),
      });
      return gateway.runtime().directory.sites.filter((site) => mayUse(caller, site));
    },
    methodsOf: () => ({ oauth: true, token: true }),
  };
}

/** The one spelling of an MCP URL of this server; a query is no part of it. */
function canonicalUrl(gateway: Gateway, publicUrl: string, url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.origin !== publicUrl || parsed.hash !== '') return undefined;
  const path = gateway.runtime().resourceOf(parsed.pathname);
  return path === undefined ? undefined : `${publicUrl}${path}`;
}

function adminResource(publicUrl: string): string {
  return `${publicUrl}/admin`;
}

function isAdmin(gateway: Gateway, { groups = [] }: Person): boolean {
  const { admin } = gateway.runtime().config;
  return groups.some((group) => admin.groups.includes(group));
}

function isLocal(publicUrl: string): boolean {
  return isLoopback(new URL(publicUrl).hostname);
}
