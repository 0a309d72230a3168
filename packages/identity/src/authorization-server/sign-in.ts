import type { Secret } from '@switchyard/catalogue';
import * as oidc from 'openid-client';

import { IdentityError } from '../errors.ts';
import type { AuthorizationEvent, SignInProblem } from './events.ts';
import type { People, Person } from './people.ts';
import { readProfile } from './profile.ts';
import { discoverProvider } from './provider-discovery.ts';
import { createSealedRecords, hashedId, type Safe } from './sealed-records.ts';

/** The company's identity provider: any OpenID Connect issuer. */
export interface IdentityProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Asked for besides `openid`; `email` and `profile` unless said. */
  readonly scopes?: readonly string[];
  readonly groupsClaim?: string;
  /** Claims that must have these values, such as Google's `hd` for one domain. */
  readonly requiredClaims?: Readonly<Record<string, string>>;
}

/** What somebody signs in for: an authorization request, or a page of this server. */
type SignInPurpose =
  | { readonly kind: 'authorize'; readonly uid: string }
  | { readonly kind: 'visit'; readonly path: string };

/** What became of a sign-in. */
type SignInOutcome =
  | { readonly ok: true; readonly person: Person; readonly purpose: SignInPurpose }
  | { readonly ok: false; readonly problem: SignInProblem };

/** Sends browsers to the company's identity provider and reads what they come back with. `browser` is a secret that only one browser holds. */
export interface SignIn {
  /** The address to send the browser to. Rejects with `IdentityError` `provider_unreachable`. */
  begin(browser: string, purpose: SignInPurpose): Promise<URL>;
  /** `answer`: the whole query that the browser came back with. */
  finish(browser: string, answer: URLSearchParams): Promise<SignInOutcome>;
}

export interface SignInOptions extends Safe {
  readonly provider: IdentityProviderOptions;
  readonly callbackUrl: string;
  readonly people: Pick<People, 'signedIn'>;
  readonly lifetimeMs: number;
  readonly now: () => number;
  readonly onEvent: (event: AuthorizationEvent) => void;
}

interface Pending {
  readonly browser: string;
  readonly purpose: SignInPurpose;
  readonly nonce: string;
  readonly verifier: string;
}

const CLOCKS_DIFFER_MS = 300_000;
const GOOGLE = 'accounts.google.com';
/** Keys and endpoints of a provider change; a restart must not be needed for it. */
const DISCOVERED_MS = 3_600_000;

/** State, nonce and PKCE for each sign-in; each state is good once, for one browser, for some minutes. Throws `IdentityError` `invalid_option` for a provider of everybody. */
export function createSignIn(options: SignInOptions): SignIn {
  const { provider, callbackUrl, people, lifetimeMs, now, onEvent, ...safe } = options;
  if (new URL(provider.issuer).host === GOOGLE && provider.requiredClaims?.['hd'] === undefined) {
    throw new IdentityError(
      'invalid_option',
      'Everybody with a Google account could sign in: requiredClaims must name the domain, as in { hd: acme.example }.',
    );
  }
  const pending = createSealedRecords<Pending>(safe, 'sign-in');
  const discover = createDiscovery(provider, now);

  async function answered(answer: URLSearchParams, state: string, began: Pending): Promise<SignInOutcome> {
    const config = await discover().catch(() => undefined);
    if (!config) return refusedFor('provider_unreachable');
    const claims = await claimsOf(config, { url: `${callbackUrl}?${answer.toString()}`, state, began });
    if (typeof claims === 'string') return refusedFor(claims);
    const read = readProfile(claims, provider);
    if (!read.ok) return refusedFor(read.problem);
    const person = await people.signedIn(read.profile);
    if (person.disabled === true) return refusedFor('disabled');
    const groups = read.groupsNotice;
    onEvent({ kind: 'sign_in', outcome: 'ok', personId: person.id, ...(groups && { groups }) });
    return { ok: true, person, purpose: began.purpose };
  }

  function refusedFor(problem: SignInProblem): SignInOutcome {
    onEvent({ kind: 'sign_in', outcome: 'refused', reason: problem });
    return { ok: false, problem };
  }

  return {
    async begin(browser, purpose) {
      const config = await discover();
      const [state, nonce, verifier] = [
        oidc.randomState(),
        oidc.randomNonce(),
        oidc.randomPKCECodeVerifier(),
      ];
      const began: Pending = { browser: hashedId(browser), purpose, nonce, verifier };
      await pending.put(state, began, { ttlMs: lifetimeMs, ifVersion: 0 });
      return oidc.buildAuthorizationUrl(config, {
        redirect_uri: callbackUrl,
        scope: [...new Set(['openid', ...(provider.scopes ?? ['email', 'profile'])])].join(' '),
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
    },
    async finish(browser, answer) {
      const state = answer.get('state') ?? '';
      // Taken before anything else is looked at: whatever comes a second time finds nothing.
      const began = await pending.take(state);
      if (!began) return refusedFor('unknown_state');
      if (began.browser !== hashedId(browser)) return refusedFor('other_browser');
      return answered(answer, state, began);
    },
  };
}

type Claims = Readonly<Record<string, unknown>>;

/** The ID token with its signature checked, completed by the user info where the token leaves out who somebody is. */
async function claimsOf(
  config: oidc.Configuration,
  { url, state, began }: { url: string; state: string; began: Pending },
): Promise<Claims | SignInProblem> {
  try {
    const tokens = await oidc.authorizationCodeGrant(config, new URL(url), {
      pkceCodeVerifier: began.verifier,
      expectedState: state,
      expectedNonce: began.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims || !isForUs(claims, config.clientMetadata().client_id)) return 'bad_answer';
    if (config.serverMetadata().userinfo_endpoint === undefined) return claims;
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    return { ...info, ...claims };
  } catch (error) {
    return error instanceof oidc.AuthorizationResponseError ? 'denied_by_provider' : 'bad_answer';
  }
}

/** What the library leaves to its users: a token for several parties names us as the one it was made for, and is not from the future. */
function isForUs({ aud, azp, iat }: oidc.IDToken, clientId: string): boolean {
  const shared = Array.isArray(aud) && aud.length > 1;
  const madeForUs = azp === undefined ? !shared : azp === clientId;
  return madeForUs && iat * 1_000 < Date.now() + CLOCKS_DIFFER_MS;
}

/** Found out at the first sign-in, not at the start: a provider that is down must not keep the program from starting. */
function createDiscovery(
  provider: IdentityProviderOptions,
  now: () => number,
): () => Promise<oidc.Configuration> {
  let known: { readonly config: Promise<oidc.Configuration>; readonly atMs: number } | undefined;

  async function discover(): Promise<oidc.Configuration> {
    try {
      return await discoverProvider(provider);
    } catch (error) {
      known = undefined;
      throw error;
    }
  }

  return () => {
    if (!known || now() - known.atMs > DISCOVERED_MS) known = { config: discover(), atMs: now() };
    return known.config;
  };
}
