import { Secret } from '@switchyard/catalogue';

/** How the caller tried to say who it is; the `method` label of the failure metric. */
export type AuthMethod = 'basic' | 'bearer' | 'none' | 'other';

/** Why a header was not taken: for the log and the operator, never for the person who sent it. */
export type AuthorizationFault =
  | 'none'
  | 'too_long'
  | 'not_visible_ascii'
  | 'no_scheme'
  | 'unknown_scheme'
  | 'no_credential'
  | 'several_credentials'
  | 'space'
  | 'not_base64'
  | 'not_utf8'
  | 'trailing_newline'
  | 'unprintable'
  | 'no_colon'
  | 'bad_email'
  | 'no_token'
  | 'jwt';

/** One credential in canonical form, or the fault. `userName` is a claim: lower case and not verified by anyone. */
export type ParsedAuthorization =
  | { readonly ok: true; readonly kind: 'basic'; readonly userName: string; readonly authorization: Secret }
  | { readonly ok: true; readonly kind: 'bearer'; readonly authorization: Secret }
  | { readonly ok: false; readonly method: AuthMethod; readonly cause: AuthorizationFault };

const MAX_HEADER_BYTES = 4096;
const VISIBLE_ASCII = /^[\x20-\x7e]*$/;
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

/**
 * A compact JWS (3 parts) or JWE (5). It would be someone's OAuth token, issued for another audience: to relay one is
 * the token pass-through that MCP forbids, while an API key is made for automation and names no audience.
 */
const JWT_SHAPE = /^[\w+/=-]+(?:(?:\.[\w+/=-]*){2}){1,2}$/;

// A BOM must stay in the text: dropped silently, two spellings would be one credential.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads an Authorization header strictly: what is not surely one credential of a known form is a fault. Schemes match in
 * any case (RFC 9110) and leave in canonical form, so that one credential has one spelling upstream and in memory.
 * Base64 must be canonical; only its padding may be missing altogether, as some encoders leave it out.
 */
export function parseAuthorization(header: string | undefined): ParsedAuthorization {
  const method = methodOf(header);
  if (header === undefined || header === '') return { ok: false, method, cause: 'none' };
  if (header.length > MAX_HEADER_BYTES) return { ok: false, method, cause: 'too_long' };
  if (!VISIBLE_ASCII.test(header)) return { ok: false, method, cause: 'not_visible_ascii' };
  if (method !== 'basic' && method !== 'bearer') {
    return { ok: false, method, cause: header.indexOf(' ') > 0 ? 'unknown_scheme' : 'no_scheme' };
  }
  const credential = header.slice(method.length).replace(/^ +/, '');
  const fault = faultOf(credential);
  if (fault !== undefined) return { ok: false, method, cause: fault };
  return method === 'basic' ? parseBasic(credential) : parseBearer(credential);
}

/** The scheme alone, for the metric: nothing of the credential is looked at. */
export function methodOf(header: string | undefined): AuthMethod {
  if (header === undefined || header === '') return 'none';
  const scheme = /^(basic|bearer)(?: |$)/i.exec(header)?.[1]?.toLowerCase();
  return scheme === 'basic' || scheme === 'bearer' ? scheme : 'other';
}

function faultOf(credential: string): AuthorizationFault | undefined {
  if (credential === '') return 'no_credential';
  if (credential.includes(',')) return 'several_credentials';
  return credential.includes(' ') ? 'space' : undefined;
}

function parseBearer(token: string): ParsedAuthorization {
  if (JWT_SHAPE.test(token)) return { ok: false, method: 'bearer', cause: 'jwt' };
  return { ok: true, kind: 'bearer', authorization: new Secret(`Bearer ${token}`) };
}

function parseBasic(encoded: string): ParsedAuthorization {
  const bytes = Buffer.from(encoded, 'base64');
  const canonical = bytes.toString('base64');
  if (encoded !== canonical && encoded !== canonical.replace(/=+$/, '')) return badBasic('not_base64');
  const text = decodeUtf8(bytes);
  if (text === undefined) return badBasic('not_utf8');
  const fault = faultOfUserPass(text);
  if (fault !== undefined) return badBasic(fault);
  const userName = text.slice(0, text.indexOf(':')).toLowerCase();
  return { ok: true, kind: 'basic', userName, authorization: new Secret(`Basic ${canonical}`) };
}

function badBasic(cause: AuthorizationFault): ParsedAuthorization {
  return { ok: false, method: 'basic', cause };
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function faultOfUserPass(text: string): AuthorizationFault | undefined {
  // The commonest mistake of all (`echo … | base64` instead of `printf`) has its own cause.
  if (/[\r\n]$/.test(text)) return 'trailing_newline';
  if (UNPRINTABLE.test(text)) return 'unprintable';
  const colon = text.indexOf(':');
  if (colon < 0) return 'no_colon';
  if (!isEmail(text.slice(0, colon))) return 'bad_email';
  return colon === text.length - 1 ? 'no_token' : undefined;
}

/** Exactly one `@` with something on both sides, and nothing that cannot be seen. */
export function isEmail(text: string): boolean {
  const at = text.indexOf('@');
  return at > 0 && at < text.length - 1 && at === text.lastIndexOf('@') && !UNPRINTABLE.test(text);
}
