import type { ResourceServer } from 'oidc-provider';

import { SIGNING_ALGORITHM } from './signing-keys.ts';

/** A place that tokens are made for. */
export interface ProtectedResource {
  /** The canonical URL: the one audience of its tokens. */
  readonly audience: string;
  readonly scopes: readonly string[];
}

/** The places of this server. */
export interface Resources {
  /** For clients that name none: the URL of all sites. */
  readonly defaultAudience: string;
  readonly adminAudience: string;
  /** Reads a resource indicator (RFC 8707); undefined: no place of ours. */
  resolve(indicator: string): ProtectedResource | undefined;
}

/** What a client can ask of MCP: everything, or what only reads. Writing includes reading. */
export const MCP_SCOPES = ['atl:read', 'atl:write'] as const;
/** For the admin API alone; not announced, since clients ask for whatever is announced. */
const ADMIN_SCOPE = 'switchyard:admin';

/** `findMcp`: the canonical form of an MCP URL, or undefined for what is none. */
export function createResources(issuer: string, findMcp: (url: string) => string | undefined): Resources {
  const defaultAudience = `${issuer}/mcp`;
  const adminAudience = `${issuer}/admin`;
  return {
    defaultAudience,
    adminAudience,
    resolve(indicator) {
      // Some clients name the origin alone, and some add a slash.
      const url = indicator.replace(/\/$/, '');
      if (url === adminAudience) return { audience: adminAudience, scopes: [ADMIN_SCOPE] };
      const audience = url === issuer ? defaultAudience : findMcp(url);
      return audience === undefined ? undefined : { audience, scopes: MCP_SCOPES };
    },
  };
}

/** A place as `oidc-provider` wants it: tokens for it are JWTs with one audience, and live for so many seconds. */
export function resourceServer(
  { audience, scopes }: ProtectedResource,
  accessTokenSeconds: number,
): ResourceServer {
  return {
    audience,
    scope: scopes.join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: accessTokenSeconds,
    jwt: { sign: { alg: SIGNING_ALGORITHM } },
  };
}
