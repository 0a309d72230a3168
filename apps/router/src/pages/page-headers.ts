import { stylesheetSource } from './stylesheet.ts';

const PERMISSIONS = ['camera', 'geolocation', 'microphone', 'payment', 'publickey-credentials-get', 'usb'];

/** Schemes that browsers act on themselves; as a form target they would run or show text from outside. */
const ACTIVE_SCHEMES = new Set([
  'about',
  'blob',
  'chrome',
  'data',
  'file',
  'filesystem',
  'javascript',
  'view-source',
]);

/**
 * The headers of every page. `formTargets`: redirect addresses or origins that the answer to a form of this page may redirect to
 * (browsers apply `form-action` to redirects too). A page that names any, even none of them (`[]`), belongs to a client's sign-in.
 * Errors: TypeError when a target cannot be said in a policy.
 */
export function pageHeaders({ formTargets }: { formTargets?: readonly string[] } = {}): Record<
  string,
  string
> {
  const formAction = ["'self'", ...new Set((formTargets ?? []).map(sourceOf))].join(' ');
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      `style-src ${stylesheetSource}`,
      'img-src data:',
      `form-action ${formAction}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ].join('; '),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // `no-referrer` would make browsers send forms with `Origin: null`, which no check of the origin can accept.
    'referrer-policy': 'same-origin',
    // A client that opened its sign-in as a popup waits for it; a new browsing context group would cut the two off for good.
    ...(formTargets === undefined && { 'cross-origin-opener-policy': 'same-origin' }),
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': PERMISSIONS.map((name) => `${name}=()`).join(', '),
  };
}

function sourceOf(target: string): string {
  const { protocol, host } = URL.canParse(target) ? new URL(target) : { protocol: '', host: '' };
  const scheme = protocol.slice(0, -1);
  if (scheme === 'http' || scheme === 'https') {
    if (/^[a-z0-9.-]+(?::\d+)?$/.test(host)) return `${protocol}//${host}`;
    // A policy cannot name an IPv6 address (CSP 3, host-part); the loopback is the only one that may be a target.
    if (/^\[::1\](?::\d+)?$/.test(host)) return protocol;
  } else if (/^[a-z][a-z0-9+.-]*$/.test(scheme) && !ACTIVE_SCHEMES.has(scheme)) {
    return protocol;
  }
  throw new TypeError('A form of a page cannot lead to such an address');
}
