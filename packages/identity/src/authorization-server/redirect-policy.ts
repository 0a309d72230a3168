import { IdentityError } from '../errors.ts';

/** Which addresses an authorization code may be sent to. */
export interface RedirectPolicy {
  /** Compares the text itself: two spellings of one URL are two addresses. */
  admits(uri: string): boolean;
}

/** Names that stand for the addresses of known clients. */
export type RedirectPreset = 'claude' | 'chatgpt' | 'vscode' | 'cursor' | 'loopback';

/** How the addresses of one kind of client look. */
interface Preset {
  readonly exact?: readonly string[];
  readonly pattern?: RegExp;
}

/**
 * The addresses that the clients use (as observed; facts of each client's documentation). A pattern is anchored and lists the characters that may
 * occur: what a URL parser would read differently from a person does not match at all.
 */
const PRESETS: Readonly<Record<RedirectPreset, Preset>> = {
  claude: {
    exact: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
  },
  chatgpt: {
    exact: ['https://chatgpt.com/connector_platform_oauth_redirect'],
    pattern: /^https:\/\/chatgpt\.com\/connector\/oauth\/[A-Za-z0-9_-]{1,128}$/,
  },
  vscode: { exact: ['https://vscode.dev/redirect', 'https://insiders.vscode.dev/redirect'] },
  cursor: {
    exact: [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'http://localhost:8787/callback',
    ],
  },
  loopback: {
    pattern:
      /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5]))?(?:\/[A-Za-z0-9_-]+(?:[.][A-Za-z0-9_-]+)*)*\/?$/,
  },
};

/** What is allowed where the configuration does not say. */
export const REDIRECT_PRESETS: readonly RedirectPreset[] = [
  'claude',
  'chatgpt',
  'vscode',
  'cursor',
  'loopback',
];

const MAX_LENGTH = 2_000;

/** Builds the policy from preset names and exact https addresses. Throws `IdentityError` `invalid_option` for anything else. */
export function createRedirectPolicy(entries: readonly string[]): RedirectPolicy {
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const entry of entries) {
    const preset: Preset = isPreset(entry) ? PRESETS[entry] : { exact: [exactUri(entry)] };
    for (const uri of preset.exact ?? []) exact.add(uri);
    if (preset.pattern) patterns.push(preset.pattern);
  }
  return {
    admits: (uri) =>
      uri.length <= MAX_LENGTH && (exact.has(uri) || patterns.some((pattern) => pattern.test(uri))),
  };
}

function isPreset(entry: string): entry is RedirectPreset {
  return Object.hasOwn(PRESETS, entry);
}

/** Only the one spelling that a URL parser would write itself: no user info, no fragment, no dots to resolve. */
function exactUri(entry: string): string {
  const url = URL.canParse(entry) ? new URL(entry) : undefined;
  const plain =
    url?.protocol === 'https:' && url.username === '' && url.password === '' && !entry.includes('#');
  if (plain && url.href === entry) return entry;
  throw new IdentityError(
    'invalid_option',
    `A redirect address must be ${REDIRECT_PRESETS.join(', ')}, or an exact https:// URL as a browser would write it.`,
  );
}

/** Where a code goes, for people to read: the host, or the scheme of an app on the same computer. */
export interface RedirectTarget {
  readonly host: string;
  /** A program on the person's own computer: nobody can vouch for which. */
  readonly loopback: boolean;
}

/** Reads an address that the policy admits. */
export function redirectTarget(uri: string): RedirectTarget {
  const { protocol, host, hostname } = new URL(uri);
  if (protocol === 'https:') return { host, loopback: false };
  if (protocol === 'http:') return { host, loopback: isLoopbackHost(hostname) };
  return { host: `${protocol}//${host}`, loopback: true };
}

/** The three names of the own machine, as `URL.hostname` writes them. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}
