import { LinkError } from './link-error.ts';

/** The checked part of an authorization server's description (RFC 8414). */
export interface ServerMetadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly registration_endpoint?: string;
  readonly revocation_endpoint?: string;
  readonly scopes_supported?: readonly string[];
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  readonly authorization_response_iss_parameter_supported?: boolean;
  readonly client_id_metadata_document_supported?: boolean;
}

const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'revocation_endpoint',
];
const NEEDED: ReadonlySet<string> = new Set(['authorization_endpoint', 'token_endpoint']);
const LISTS = ['scopes_supported', 'token_endpoint_auth_methods_supported'];
const SWITCHES = ['authorization_response_iss_parameter_supported', 'client_id_metadata_document_supported'];

/**
 * Takes over what is known and sound. A server speaks for its own origin: an endpoint anywhere else would get codes and
 * refresh tokens that are not meant for it. Throws `LinkError` `metadata_refused`.
 */
export function checkedMetadata(document: Readonly<Record<string, unknown>>, issuer: string): ServerMetadata {
  const { origin, host } = new URL(issuer);
  const refuse = (what: string): never => {
    throw new LinkError('metadata_refused', `The authorization server ${host} ${what}`);
  };
  if (document['issuer'] !== issuer) refuse('calls itself by another name than the one it was found under');
  if (!lists(document['code_challenge_methods_supported'], 'S256')) refuse('does not offer PKCE with S256');
  const types = document['response_types_supported'];
  if (types !== undefined && !lists(types, 'code')) refuse('does not offer authorization codes');

  const known: Record<string, unknown> = { issuer };
  for (const name of ENDPOINTS) {
    const url = document[name];
    if (url === undefined && !NEEDED.has(name)) continue;
    known[name] = isEndpointOf(url, origin) ? url : refuse(`names a ${name} that is not on its own origin`);
  }
  for (const name of LISTS) {
    const list = document[name];
    if (Array.isArray(list)) known[name] = list.filter((each) => typeof each === 'string');
  }
  for (const name of SWITCHES) known[name] = document[name] === true;
  return known as unknown as ServerMetadata;
}

function lists(value: unknown, wanted: string): boolean {
  return Array.isArray(value) && value.includes(wanted);
}

function isEndpointOf(value: unknown, origin: string): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.origin === origin && url.username === '' && url.password === '' && url.hash === '';
}
