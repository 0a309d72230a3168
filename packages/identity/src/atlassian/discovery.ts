import { isRecord } from '@switchyard/catalogue';

import type { SafeFetch } from '../egress/safe-fetch.ts';
import { IdentityError } from '../errors.ts';
import { LinkError } from './link-error.ts';
import { checkedMetadata, type ServerMetadata } from './server-metadata.ts';

/** What an endpoint says about its authorization (RFC 9728). */
export interface ProtectedResource {
  /** What tokens are asked for (RFC 8707): the endpoint without its query, or its origin. */
  readonly resource: string;
  readonly issuer: string;
  readonly scopes: readonly string[] | undefined;
}

/** The parts of a 401 or 403 answer's challenge that matter here. */
export interface Challenge {
  readonly resourceMetadata?: string;
  readonly scopes?: readonly string[];
}

const MAX_SCOPES = 100;

/**
 * Asks an endpoint who may give tokens for it: the place that its challenge named, else the two well-known ones. Throws
 * `LinkError` `unreachable` or `metadata_refused`.
 */
export async function discoverResource(
  endpoint: string,
  { fetch, challenge = {} }: { readonly fetch: SafeFetch; readonly challenge?: Challenge },
): Promise<ProtectedResource> {
  const { origin, pathname } = new URL(endpoint);
  const own = `${origin}${pathname}`;
  const root = `${origin}${RESOURCE_DOCUMENT}`;
  const named = challenge.resourceMetadata;
  if (named !== undefined && !isOfOrigin(named, origin))
    throw refused(`${new URL(endpoint).host} names a description of another host`);
  const places = named === undefined ? [...new Set([withPath(root, pathname), root])] : [named];
  const document = await firstDocument(places, fetch);
  if (!document) throw refused(`${new URL(endpoint).host} does not say who gives tokens for it`);
  return readResource(document, own, origin);
}

const RESOURCE_DOCUMENT = '/.well-known/oauth-protected-resource';
const SERVER_DOCUMENT = '/.well-known/oauth-authorization-server';
const OPENID_DOCUMENT = '/.well-known/openid-configuration';

/** The description of an issuer, whose own name for itself must be the same to the byte (RFC 8414, section 3.3). */
export async function discoverServer(issuer: string, fetch: SafeFetch): Promise<ServerMetadata> {
  const document = await firstDocument(serverPlaces(issuer), fetch);
  if (!document) throw refused(`${hostOf(issuer)} does not describe itself`);
  return checkedMetadata(document, issuer);
}

/** RFC 8414 puts the well-known part before the issuer's path, OpenID Connect behind it; Atlassian puts both behind it. */
function serverPlaces(issuer: string): string[] {
  if (!URL.canParse(issuer)) throw refused('the issuer is no URL');
  const { origin, pathname, search, hash } = new URL(issuer);
  if (search !== '' || hash !== '') throw refused('the issuer has a query');
  const path = pathname.replace(/\/$/, '');
  const inserted = [SERVER_DOCUMENT, OPENID_DOCUMENT].map((name) => `${origin}${name}${path}`);
  if (path === '') return inserted;
  return [...inserted, ...[OPENID_DOCUMENT, SERVER_DOCUMENT].map((name) => `${origin}${path}${name}`)];
}

/** The first place that has a document; one that has something else ends the search. */
async function firstDocument(
  places: readonly string[],
  fetch: SafeFetch,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  for (const place of places) {
    const answer = await fetch(place, { headers: { accept: 'application/json' } }).catch(toLinkError);
    if (answer.status !== 200) continue;
    const document: unknown = await answer.json().catch(() => undefined);
    if (!isRecord(document))
      throw refused(`${hostOf(place)} describes itself in something that is no JSON object`);
    return document;
  }
  return undefined;
}

/** A URL that may not be asked is the fault of whoever named it. */
export function toLinkError(error: unknown): never {
  if (!(error instanceof IdentityError)) throw error;
  if (error.code === 'egress_refused') throw new LinkError('metadata_refused', error.message);
  if (error.code === 'egress_failed') throw new LinkError('unreachable', error.message);
  throw error;
}

function readResource(
  document: Readonly<Record<string, unknown>>,
  own: string,
  origin: string,
): ProtectedResource {
  const { resource, authorization_servers: servers, scopes_supported: scopes } = document;
  // The whole origin may be one resource (RFC 9728, section 3): a token for it is a token for the endpoint.
  if (resource !== own && resource !== origin && resource !== `${origin}/`)
    throw refused(`${new URL(own).host} describes another resource`);
  const issuer: unknown = Array.isArray(servers) ? servers[0] : undefined;
  if (typeof issuer !== 'string') throw refused(`${new URL(own).host} names no authorization server`);
  return { resource, issuer, scopes: readScopes(scopes) };
}

function readScopes(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter(isScope).slice(0, MAX_SCOPES);
}

/** RFC 6749, appendix A.4. */
export function isScope(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/.test(value);
}

function withPath(document: string, pathname: string): string {
  return pathname === '/' ? document : `${document}${pathname}`;
}

function isOfOrigin(url: string, origin: string): boolean {
  return URL.canParse(url) && new URL(url).origin === origin;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the authorization server';
}

function refused(message: string): LinkError {
  return new LinkError('metadata_refused', message);
}
