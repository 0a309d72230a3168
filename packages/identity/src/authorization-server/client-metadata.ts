import { isRecord } from '@switchyard/catalogue';
import type { ClientMetadata } from 'oidc-provider';

import { isLoopbackHost, type RedirectPolicy } from './redirect-policy.ts';

/** The one grant type that needs a switch: enterprise-managed authorization (ID-JAG). */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** How a client may prove itself at the token endpoint. */
export const CLIENT_AUTH_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const;

/** What a client said about itself, reduced to what is used; or the error of RFC 7591 with a sentence for its author. */
export type ReadMetadata =
  | { readonly ok: true; readonly metadata: ClientMetadata }
  | { readonly ok: false; readonly error: MetadataError; readonly description: string };

type MetadataError = 'invalid_redirect_uri' | 'invalid_client_metadata';

/** `document`: where the metadata was fetched from; absent for a registration. */
export interface ReadMetadataOptions {
  readonly redirects: RedirectPolicy;
  readonly jwtBearer: boolean;
  readonly document?: string;
}

const MAX_REDIRECTS = 16;
const MAX_NAME = 120;
const MAX_KEYS = 8;
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/**
 * Takes from a registration (RFC 7591) or a metadata document what Switchyard uses and nothing else: clients send all
 * kinds of fields, and an unknown one must neither fail nor be stored. A registration with an address that is not
 * allowed is refused, so that its author learns of it; in a document, which serves many servers, the address is dropped.
 */
export function readClientMetadata(input: unknown, options: ReadMetadataOptions): ReadMetadata {
  if (!isRecord(input)) return invalid('the metadata must be a JSON object');
  const { client_name: name, grant_types: types } = input;
  if (name !== undefined && typeof name !== 'string') return invalid('client_name must be a string');
  if (types !== undefined && !isStrings(types)) return invalid('grant_types must be an array of strings');
  const redirects = readRedirects(input['redirect_uris'], options);
  if (!redirects.ok) return redirects;
  const proof = readProof(input, options);
  if (!proof.ok) return proof;
  return {
    ok: true,
    metadata: {
      client_id: '',
      client_name: cleanName(name),
      application_type: redirects.uris.every(isWeb) ? 'web' : 'native',
      redirect_uris: redirects.uris,
      response_types: ['code'],
      grant_types: grantTypes(types, proof.method, options),
      token_endpoint_auth_method: proof.method,
      ...proof.keys,
    },
  };
}

type Refused = Extract<ReadMetadata, { ok: false }>;
type AuthMethod = (typeof CLIENT_AUTH_METHODS)[number];
type Keys = Pick<ClientMetadata, 'jwks' | 'jwks_uri'>;

function grantTypes(
  asked: readonly string[] | undefined,
  method: AuthMethod,
  { jwtBearer }: ReadMetadataOptions,
): string[] {
  const vouched = jwtBearer && method !== 'none' && asked?.includes(JWT_BEARER) === true;
  return ['authorization_code', 'refresh_token', ...(vouched ? [JWT_BEARER] : [])];
}

function readProof(
  input: Readonly<Record<string, unknown>>,
  options: ReadMetadataOptions,
): { readonly ok: true; readonly method: AuthMethod; readonly keys: Keys } | Refused {
  const method = readAuthMethod(input['token_endpoint_auth_method'], options);
  if (method === undefined) {
    return invalid(`token_endpoint_auth_method must be one of ${methodsFor(options).join(', ')}`);
  }
  const keys = method === 'private_key_jwt' ? readKeys(input, options) : {};
  return keys
    ? { ok: true, method, keys }
    : invalid(
        'private_key_jwt needs jwks (at most 8 public keys), or in a document a jwks_uri of its own host',
      );
}

type ReadRedirects = { readonly ok: true; readonly uris: string[] } | Refused;

function readRedirects(input: unknown, { redirects, document }: ReadMetadataOptions): ReadRedirects {
  if (!isStrings(input) || input.length === 0 || input.length > MAX_REDIRECTS) {
    return badRedirect(`redirect_uris must be an array of 1 to ${MAX_REDIRECTS} strings`);
  }
  const refused = input.findIndex((uri) => !redirects.admits(uri));
  const admitted = [...new Set(input.filter((uri) => redirects.admits(uri)))];
  if (refused < 0 || (document !== undefined && admitted.length > 0)) return { ok: true, uris: admitted };
  // The address itself is not quoted: it is text of an unknown author.
  return badRedirect(
    `redirect_uris[${refused}] is not allowed here; an administrator of this server can add it to auth.oauth.redirects`,
  );
}

function methodsFor({ document }: ReadMetadataOptions): readonly string[] {
  return document === undefined
    ? CLIENT_AUTH_METHODS
    : CLIENT_AUTH_METHODS.filter((method) => !method.startsWith('client_secret'));
}

/** RFC 7591 has a default; a document cannot hold a secret, so its default is none. */
function readAuthMethod(input: unknown, options: ReadMetadataOptions): AuthMethod | undefined {
  if (input === undefined || input === null) {
    return options.document === undefined ? 'client_secret_basic' : 'none';
  }
  return CLIENT_AUTH_METHODS.find((method) => method === input && methodsFor(options).includes(method));
}

/** A key document is fetched only from the host that the client already proved to speak for. */
function readKeys(
  input: Readonly<Record<string, unknown>>,
  { document }: ReadMetadataOptions,
): Keys | undefined {
  const { jwks, jwks_uri: uri } = input;
  if (isRecord(jwks) && Array.isArray(jwks['keys']) && jwks['keys'].length <= MAX_KEYS && uri === undefined) {
    return { jwks: { keys: jwks['keys'] as [] } };
  }
  if (document === undefined || jwks !== undefined || typeof uri !== 'string' || !URL.canParse(uri))
    return undefined;
  return new URL(uri).origin === new URL(document).origin ? { jwks_uri: uri } : undefined;
}

/** Names are shown to people: what cannot be seen, or turns the direction of text, is taken out. */
function cleanName(name: string | undefined): string {
  const clean = (name ?? '').normalize('NFC').replaceAll(UNSEEN, ' ').trim().slice(0, MAX_NAME);
  return clean === '' ? 'An app without a name' : clean;
}

function isWeb(uri: string): boolean {
  const { protocol, hostname } = new URL(uri);
  return protocol === 'https:' && !isLoopbackHost(hostname);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function invalid(description: string): Refused {
  return { ok: false, error: 'invalid_client_metadata', description };
}

function badRedirect(description: string): Refused {
  return { ok: false, error: 'invalid_redirect_uri', description };
}
