import { parseCloudId } from '@switchyard/catalogue';
import { parseCidr, parseProxyCidr } from '@switchyard/identity/cidr';

/** What single values must look like. Each rule is a question; the sentence for a no stands in the schema. */

export function isUuid(text: string): boolean {
  return parseCloudId(text) !== undefined;
}

export function isAlias(text: string): boolean {
  return /^[a-z0-9-]{1,12}$/.test(text);
}

export function isViewName(text: string): boolean {
  return /^[a-z0-9-]{1,40}$/.test(text);
}

export function isCidr(text: string): boolean {
  return parses(parseCidr, text);
}

/** A proxy range that covers everybody would let any client name its own address. */
export function isProxyCidr(text: string): boolean {
  return parses(parseProxyCidr, text);
}

function parses(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export function isEndpoint(text: string): boolean {
  const url = parseUrl(text);
  if (!url || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** An issuer is compared byte for byte: no query, no fragment. */
export function isIssuer(text: string): boolean {
  return isEndpoint(text) && !/[?#]/.test(text);
}

const REDIRECT_PRESETS: ReadonlySet<string> = new Set(['claude', 'chatgpt', 'vscode', 'cursor', 'loopback']);

export function isRedirectRule(text: string): boolean {
  if (REDIRECT_PRESETS.has(text)) return true;
  const url = parseUrl(text);
  return url?.protocol === 'https:' && url.href === text && url.hash === '' && url.username === '';
}

export function isOrigin(text: string): boolean {
  const url = parseUrl(text);
  return (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    text.toLowerCase().replace(/\/$/, '') === url.origin
  );
}

export function isHttpsOrigin(text: string): boolean {
  return isOrigin(text) && parseUrl(text)?.protocol === 'https:';
}

export function isRedisUrl(text: string): boolean {
  return /^rediss?:$/.test(parseUrl(text)?.protocol ?? '');
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
