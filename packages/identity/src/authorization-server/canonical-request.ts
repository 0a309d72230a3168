import type { IncomingMessage } from 'node:http';

import { isLoopbackHost } from './redirect-policy.ts';
import type { Resources } from './resources.ts';

/** What a proxy, or somebody who plays one, may say about a request; none of it decides anything here. */
const FORWARDING_HEADERS = [
  'forwarded',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-original-url',
  'x-rewrite-url',
] as const;

/**
 * Puts the one true origin into a request: `oidc-provider` builds every address it announces from the Host header, and a
 * cached document with somebody else's addresses would send all users there. False for a Host that is not ours.
 */
export function createHostPinning(issuer: string): (req: IncomingMessage) => boolean {
  const { host, hostname, port, protocol } = new URL(issuer);
  return ({ headers }) => {
    const said = headers.host ?? '';
    if (said !== host && !isSameLoopback(said, { hostname, port })) return false;
    headers.host = host;
    for (const name of FORWARDING_HEADERS) delete headers[name];
    headers['x-forwarded-proto'] = protocol.slice(0, -1);
    return true;
  };
}

/** `localhost` and `127.0.0.1` are one machine, and both are typed. */
function isSameLoopback(said: string, issuer: { hostname: string; port: string }): boolean {
  if (!isLoopbackHost(issuer.hostname) || !/^[\w.:[\]-]+$/.test(said)) return false;
  const url = URL.canParse(`http://${said}`) ? new URL(`http://${said}`) : undefined;
  return url !== undefined && isLoopbackHost(url.hostname) && url.port === issuer.port;
}

/**
 * The query of an authorization request as the library should see it: the resource in its canonical spelling, and all
 * scopes of it when the client named none. Step-up is broken in hosted clients, so they get everything they may ever
 * need at once, and the person narrows it on the consent page.
 */
export function canonicalQuery(query: string, resources: Resources): string {
  const params = new URLSearchParams(query);
  const asked = params.getAll('resource').map((each) => resources.resolve(each)?.audience ?? each);
  params.delete('resource');
  for (const resource of new Set(asked)) params.append('resource', resource);
  const scopes = resources.resolve(asked[0] ?? resources.defaultAudience)?.scopes ?? [];
  // A repeated scope is an error of the client: the library says so.
  if (params.getAll('scope').length < 2) params.set('scope', completed(params.get('scope') ?? '', scopes));
  return params.toString();
}

function completed(asked: string, scopes: readonly string[]): string {
  const words = asked.split(' ').filter((word) => word !== '');
  if (!words.some((word) => scopes.includes(word))) words.push(...scopes);
  // Who may write may read.
  if (words.includes('atl:write') && !words.includes('atl:read')) words.push('atl:read');
  return words.join(' ');
}
