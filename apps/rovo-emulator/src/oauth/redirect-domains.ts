// The redirect domains that an organisation's admin allows or blocks.
import type { OAuthSettings } from './oauth-settings.ts';

/** Why a redirect URI is refused, word for word as users reported it; undefined when it is not. */
export function redirectProblem(
  redirectUri: string,
  settings: Pick<OAuthSettings, 'oauthRedirectDomains' | 'oauthBlockedDomains'>,
): string | undefined {
  const { hostname } = new URL(redirectUri);
  if (settings.oauthBlockedDomains.includes(hostname)) return 'Your admin has blocked this domain';
  if (settings.oauthRedirectDomains.some((pattern) => matches(pattern, redirectUri))) return undefined;
  return 'Your organization admin must authorize access from a domain/redirect URL';
}

/** `https://*.acme.example/**`: `*` is a part of the authority, `/**` any path. */
function matches(pattern: string, redirectUri: string): boolean {
  const [, scheme = '', authority = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)([^/]*)(.*)$/i.exec(pattern) ?? [];
  const url = new URL(redirectUri);
  if (scheme === '' || `${url.protocol}//` !== scheme.toLowerCase()) return false;
  return matchesAuthority(authority, url) && matchesPath(rest, url.pathname);
}

function matchesAuthority(authority: string, url: URL): boolean {
  const [host = '', port] = authority.split(':', 2);
  if (port !== '*' && (port ?? '') !== url.port) return false;
  return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : host === url.hostname;
}

function matchesPath(rest: string, pathname: string): boolean {
  return rest.endsWith('/**') ? pathname.startsWith(rest.slice(0, -2)) : rest === pathname;
}
