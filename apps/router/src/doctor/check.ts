/** What the doctor looks at, by code: for the reference page. */
export const CHECKS = {
  node: 'The version of Node.js runs Switchyard and is still maintained.',
  configuration: 'The configuration is valid and means what it says.',
  'public-url': '`publicUrl` is https, and answers without a redirect.',
  'resource-metadata':
    'What answers there is this Switchyard: its protected-resource metadata names `publicUrl`.',
  'authorization-server':
    'With OAuth: the metadata of the authorization server names `publicUrl` as its issuer.',
  'identity-provider':
    "With OAuth: the identity provider's discovery document is there and names `auth.oauth.issuer`.",
  redis: 'Redis answers.',
  'redis-latency': 'It answers quickly enough to be asked on a request.',
  'redis-eviction': 'It does not throw away grants and links when its memory is full.',
  endpoint: 'The MCP endpoint of a site can be reached: DNS, TLS, HTTP.',
  clock: 'The clocks here and there agree.',
  'site-identity': 'The site at `url` has the `cloudId` of the configuration.',
  tools: 'The site lists tools for the credential.',
  scopes: 'The credential has the scopes of Rovo MCP.',
  'tool-budget': 'How many tools the sites list together, and which clients take less.',
  'v1-endpoint': 'The endpoint is not one of v1, which ends on 2027-03-01.',
  'v1-rules': 'No rule on tool names misses a tool because v2 calls it something else.',
  'v2-readiness': 'How many of the listed tools v2 has under another name, or not at all.',
} as const;

export type CheckCode = keyof typeof CHECKS;

/** One thing that was looked at. */
export interface Finding {
  readonly code: CheckCode;
  /** `unreachable` is a failure too: nobody knows more. */
  readonly level: 'ok' | 'skipped' | 'warning' | 'failed' | 'unreachable';
  /** The site's name; absent: all of it. */
  readonly site?: string;
  readonly says: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** Builds the findings of one part: the same code and site. */
export function findingOf(
  code: CheckCode,
  site?: string,
): (level: Finding['level'], says: string, fix?: string) => Finding {
  return (level, says, fix) => ({
    code,
    level,
    ...(site !== undefined && { site }),
    says,
    ...(fix !== undefined && { fix }),
  });
}
