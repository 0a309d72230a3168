import { z } from 'zod';

import { isCidr, isIssuer, isRedirectRule } from './value-rules.ts';

const cidr = z.string().refine(isCidr, 'must be an IP address or a CIDR such as 10.0.0.0/8');
const issuer = z
  .string()
  .refine(isIssuer, 'must be an https:// URL without query (plain http:// only on loopback)');

const oauthClient = z
  .strictObject({
    clientId: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, `.`, `_` or `-`')
      .describe('What the client calls itself.'),
    name: z.string().min(1).max(80).describe('What people read on the consent page.'),
    secret: z.string().min(32).optional().describe('For clients that keep a secret; at least 32 characters.'),
    jwks: z
      .strictObject({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })
      .optional()
      .describe('Public keys of a client that signs in with `private_key_jwt`.'),
    redirectUris: z
      .array(z.string().min(1))
      .default([])
      .describe('Where codes may be sent, exactly. Needed unless `headless` is given.'),
    headless: z
      .strictObject({ token: z.string().min(1) })
      .optional()
      .describe(
        'Lets the client ask for tokens by itself (`client_credentials`): it is then whom the enrolled token with this id is.',
      ),
  })
  .describe('A client that an admin registers by hand.');

const oauth = z
  .strictObject({
    issuer: issuer.describe("The company's OpenID Connect provider."),
    clientId: z.string().min(1).describe('What the provider knows Switchyard as.'),
    clientSecret: z.string().min(1).describe('The secret of that client.'),
    scopes: z
      .array(z.string().min(1))
      .default(['openid', 'email', 'profile'])
      .describe('What the provider is asked for; some want one more for groups.'),
    groupsClaim: z.string().min(1).default('groups').describe('The claim that lists the groups of a person.'),
    redirects: z
      .array(
        z
          .string()
          .refine(
            isRedirectRule,
            'must be claude, chatgpt, vscode, cursor, loopback or an exact https:// URI',
          ),
      )
      .default(['claude', 'chatgpt', 'vscode', 'cursor', 'loopback'])
      .describe(
        'Where authorization codes may be sent: names of known clients, and exact `https://` URIs of others. Checked on every use.',
      ),
    registration: z
      .strictObject({
        cimd: z.boolean().default(true).describe('Clients may name a metadata document of their own.'),
        cimdHosts: z
          .array(z.string().regex(/^[a-z0-9.-]+$/, 'must be a host name'))
          .optional()
          .describe('Hosts of metadata documents that are taken. Omitted: any public host.'),
        dcr: z.boolean().default(true).describe('Clients may register themselves (RFC 7591).'),
      })
      .prefault({})
      .describe('How clients that nobody registered become known.'),
    clients: z.array(oauthClient).default([]).describe('Clients that an admin registers by hand.'),
    idJag: z
      .strictObject({ issuers: z.array(issuer).min(1).describe('Providers whose assertions are taken.') })
      .optional()
      .describe('Enterprise-managed authorization: takes identity assertions (ID-JAG). Omitted: off.'),
    accessTokenSeconds: z.int().min(60).max(3_600).default(600).describe('How long an access token lives.'),
    grantDays: z.int().min(1).max(365).default(30).describe('How long a consent lasts.'),
    keys: z
      .array(
        z.strictObject({
          id: z.string().regex(/^[\w-]{1,32}$/, 'must be 1 to 32 letters, digits, `_` or `-`'),
          secret: z.string().min(32),
        }),
      )
      .min(1)
      .optional()
      .describe(
        'What grants and linked credentials are encrypted with; the first seals, the others only open. Omitted: made from `clientSecret`, so that a new secret ends all grants and links.',
      ),
  })
  .describe('OAuth 2.1 sign-in for hosted clients. Omitted: off.');

const addresses = z
  .strictObject({
    headless: z.array(cidr).default([]).describe('Where API tokens and enrolled tokens may come from.'),
    hosted: z
      .array(cidr)
      .default([])
      .describe('Where OAuth clients may call from, such as 160.79.104.0/21 (Claude).'),
    browser: z.array(cidr).default([]).describe('Where people may sign in, consent and connect sites from.'),
  })
  .describe('Allowlists for one way in each, beside `ipAllowlist`. Empty: any address.');

/** The block `auth`. */
export const auth = z
  .strictObject({
    apiToken: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe(
            'Accepts `Basic email:token` and `Bearer <service-account key>`. Off unless an admin turns it on.',
          ),
      })
      .prefault({})
      .describe('Sign-in with Atlassian API tokens.'),
    ipAllowlist: z
      .array(cidr)
      .default([])
      .describe('Addresses and CIDRs that may connect, whatever the credential. Empty: any.'),
    addresses: addresses.prefault({}),
    oauth: oauth.optional(),
  })
  .prefault({})
  .describe('Who may sign in, and from where.');
