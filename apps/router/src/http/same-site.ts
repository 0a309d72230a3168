import { isLoopback } from '../config/value-rules.ts';
import type { HttpRequest } from './http-request.ts';

/** What a request's Host and Origin say about who made it; `undefined`: nothing is wrong. */
export type CheckSameSite = (req: HttpRequest) => 'host' | 'origin' | undefined;

/**
 * Guards against DNS rebinding: a page of somewhere else that points its own name at this listener
 * is seen by its Host (on loopback) and by its Origin (everywhere). Programs send no Origin.
 */
export function createSameSiteCheck(listenHost: string, publicUrl: string | undefined): CheckSameSite {
  const publicHost = publicUrl && new URL(publicUrl).host;
  const onLoopback = isLoopback(listenHost);

  function isOurs(host: string): boolean {
    return host === publicHost || (onLoopback && isLoopback(host.replace(/:\d+$/, '')));
  }

  return (req) => {
    const { host, origin } = req.headers;
    if (onLoopback && host !== undefined && !isOurs(host)) return 'host';
    if (origin === undefined) return undefined;
    return URL.canParse(origin) && isOurs(new URL(origin).host) ? undefined : 'origin';
  };
}
