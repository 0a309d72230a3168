// The library behind the identity provider, and what is done to its answers.
import type { AdapterPayload, Configuration, Provider } from 'oidc-provider';

import { escapeHtml } from '../html-page.ts';
import { isObject, textOf } from '../json-value.ts';
import { forgeCallback, reissueIdToken, type SigningKey } from './forged-answer.ts';
import type { IdentityProviderSettings, Person, RelyingParty } from './identity-provider-options.ts';
import { loadOidcProvider } from './load-oidc-provider.ts';
import { claimsOf, CLAIMS_BY_SCOPE } from './person-claims.ts';
import { clientPayload, createProviderStore } from './provider-store.ts';

/** What the provider is built from; all of it may change while it runs. */
export interface ProviderParts {
  readonly issuer: string;
  readonly settings: Readonly<IdentityProviderSettings>;
  readonly clients: ReadonlyMap<string, RelyingParty>;
  readonly findPerson: (name: string | null) => Person | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sessionCookie: string;
  readonly key: SigningKey;
}

const SCOPES = 'openid email profile groups';
const TTL_SECONDS = 600;

/** Builds the provider: discovery, code with PKCE, ID tokens with all claims, userinfo. */
export async function createOidcProvider(parts: ProviderParts): Promise<Provider> {
  const { Provider } = await loadOidcProvider();
  const clientOf = (clientId: string): AdapterPayload | undefined => {
    const client = parts.clients.get(clientId);
    return client && clientPayload(client, Provider.ctx?.get('authorization') !== '');
  };
  const provider = new Provider(parts.issuer, configuration(parts, clientOf));
  provider.use(async (ctx, next) => {
    await next();
    ctx.remove('set-cookie');
    alterAnswer(ctx, parts);
  });
  // Nothing of the library's own trouble may go unseen.
  provider.on('server_error', (_, error) => process.emitWarning(error));
  return provider;
}

function configuration(
  { settings, findPerson, sessionCookie, key }: ProviderParts,
  clientOf: (clientId: string) => AdapterPayload | undefined,
): Configuration {
  return {
    adapter: createProviderStore(clientOf),
    jwks: { keys: [{ ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: 'ES256', use: 'sig' }] },
    claims: CLAIMS_BY_SCOPE,
    scopes: SCOPES.split(' '),
    // All claims in the ID token, as Okta and Entra have it.
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    // A session is one request long.
    expiresWithSession: () => false,
    pkce: { required: () => true },
    cookies: { names: { session: sessionCookie } },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    ttl: {
      AccessToken: TTL_SECONDS,
      AuthorizationCode: 60,
      Grant: TTL_SECONDS,
      IdToken: TTL_SECONDS,
      Session: TTL_SECONDS,
      Interaction: TTL_SECONDS,
    },
    findAccount(_, sub) {
      const person = findPerson(sub);
      return person && { accountId: sub, claims: () => Promise.resolve(claimsOf(person, settings)) };
    },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        ...(oidc.client === undefined ? {} : { clientId: oidc.client.clientId }),
        ...(oidc.account === undefined ? {} : { accountId: oidc.account.accountId }),
      });
      grant.addOIDCScope(SCOPES);
      await grant.save();
      return grant;
    },
    renderError(ctx, { error, error_description: description = '' }) {
      ctx.type = 'html';
      ctx.body = `<!doctype html><title>${escapeHtml(error)}</title><p>${escapeHtml(error)}: ${escapeHtml(description)}</p>`;
    },
  };
}

/** The part of a request that is looked at; `oidc` is absent where the path is none of the library's. */
interface Answer {
  readonly oidc?: { readonly route: string };
  readonly response: { get(header: string): string };
  body: unknown;
  set(header: string, value: string): void;
}

function alterAnswer(answer: Answer, { settings, now, key }: ProviderParts): void {
  const { forge } = settings;
  const { body, oidc } = answer;
  const location = answer.response.get('location');
  if (oidc?.route === 'authorization' && URL.canParse(location)) {
    answer.set('location', forgeCallback(location, forge));
  }
  if (!isObject(body)) return;
  if (oidc?.route === 'userinfo' && forge === 'userinfo-subject') answer.body = { ...body, sub: 'another' };
  const idToken = textOf(body['id_token']);
  if (oidc?.route !== 'token' || idToken === undefined) return;
  const skewSeconds = Math.round((now() - Date.now()) / 1000);
  const { id_token: _, ...others } = body;
  const reissued = { id_token: reissueIdToken(idToken, { forge, skewSeconds, key }) };
  answer.body = forge === 'no-id-token' ? others : { ...others, ...reissued };
}
