import { LEVELS, PRODUCTS } from '@switchyard/catalogue';
import { z } from 'zod';

import {
  isAlias,
  isCidr,
  isEndpoint,
  isHttpsOrigin,
  isOrigin,
  isProxyCidr,
  isRedisUrl,
  isViewName,
  isUuid,
} from './value-rules.ts';

/** The configuration as it is written (contract, section 2). Unknown keys are errors everywhere. */

const HOST = 'The address to listen on. 0.0.0.0: every one of the machine.';
const port = z.int().min(0).max(65_535);
const cidr = z.string().refine(isCidr, 'must be an IP address or a CIDR such as 10.0.0.0/8');
const proxyCidr = z
  .string()
  .refine(isProxyCidr, 'must be an IP address or a CIDR such as 10.0.0.0/8, and not everybody');
const products = z
  .partialRecord(z.enum(PRODUCTS), z.enum(LEVELS as ['off', 'read', 'write', 'delete']))
  .describe(
    'What may be done with each product. Products that are not named are off; `platform` is read unless turned off.',
  );
const globs = z.array(z.string().min(1)).describe('Globs on upstream tool names (`*`, `?`).');
const tools = z
  .strictObject({ allow: globs.optional(), deny: globs.optional() })
  .describe('Tools by name: deny wins, an absent `allow` allows every name.');
const endpoint = z
  .string()
  .refine(
    isEndpoint,
    'must be an https:// URL (plain http:// only on loopback, such as http://127.0.0.1:7071/v2/mcp)',
  );

const credential = z
  .strictObject({
    serviceAccountKey: z.string().min(1).optional().describe('A service-account API key, sent as Bearer.'),
    email: z
      .email()
      .optional()
      .describe('With `apiToken`: the account of a scoped API token, sent as Basic.'),
    apiToken: z.string().min(1).optional().describe('With `email`: the scoped API token.'),
  })
  .describe('What a shared site is opened with: `serviceAccountKey`, or `email` and `apiToken`.');

const site = z.strictObject({
  cloudId: z
    .string()
    .refine(
      isUuid,
      'must be a UUID such as 11111111-aaaa-4aaa-8aaa-000000000001; https://<site>/_edge/tenant_info shows it',
    )
    .describe('The UUID of the site, in the file once. `https://<site>/_edge/tenant_info` shows it.'),
  url: z
    .string()
    .refine(isHttpsOrigin, 'must be an https:// address without a path, such as https://acme.atlassian.net')
    .describe('The address of the site: `https://` and a host name, no path.'),
  alias: z
    .string()
    .refine(isAlias, 'must be 1 to 12 of a-z, 0-9 and -')
    .optional()
    .describe(
      'The namespace in tool names: 1 to 12 of `a-z`, `0-9` and `-`. Without one: the first hex digits of the cloudId.',
    ),
  endpoint: endpoint
    .optional()
    .describe(
      'The MCP endpoint of this site, when it is not `upstream.endpoint`: `https://`, or `http://` on loopback.',
    ),
  identity: z
    .enum(['personal', 'shared'])
    .default('personal')
    .describe(
      '`personal`: everybody with their own account. `shared`: one service account for all whom `allow` names, read-only unless `products` says more.',
    ),
  credential: credential.optional(),
  allow: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Who may use the site: e-mail globs (`*@acme.example`), `group:<name>`, or `*` for every known caller. Required on shared sites.',
    ),
  products: products.optional(),
  tools: tools.optional(),
});

const view = z.strictObject({
  sites: z
    .array(z.string())
    .min(1, 'must name at least one site')
    .optional()
    .describe('Sites by alias, cloudId or host name. Omitted: all.'),
  products: products.optional(),
  tools: tools.optional(),
  readOnly: z.boolean().optional().describe('Only tools that read.'),
  mode: z
    .enum(['namespaced', 'merged', 'lean'])
    .default('namespaced')
    .describe('How tools are presented. This version has `namespaced` only.'),
});

const oauth = z
  .strictObject({
    issuer: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
    groupsClaim: z.string().optional(),
    redirects: z.array(z.string()).optional(),
    registration: z.strictObject({ cimd: z.boolean().optional(), dcr: z.boolean().optional() }).optional(),
  })
  .describe('OAuth sign-in for hosted clients. Not available in this version: leave it out.');

/** Node's timers fire at once when they are given more. */
const LONGEST_TIMER_MS = 2_147_483_647;
const milliseconds = z.int().min(1).max(LONGEST_TIMER_MS);
const DEFAULT_ENDPOINT = 'https://mcp.atlassian.com/v2/mcp?tools=all';

export const ConfigFile = z.strictObject({
  version: z.literal(1).describe('The version of this format.'),
  publicUrl: z
    .string()
    .refine(isOrigin, 'must be an http:// or https:// address without a path')
    .optional()
    .describe('The address that clients use. No path. Default: `http://<listen.host>:<listen.port>`.'),
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe(HOST),
      port: port.default(8080).describe('0: any free port.'),
    })
    .prefault({})
    .describe('The listener for MCP clients.'),
  admin: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe(HOST),
      port: port.default(9090).describe('0: any free port.'),
    })
    .prefault({})
    .describe(
      'The listener for health, metrics and the admin API. It asks for no credential: keep it private.',
    ),
  trustedProxies: z
    .array(proxyCidr)
    .default([])
    .describe(
      'Addresses and CIDRs of the proxies whose `X-Forwarded-For` is believed; not a range of everybody.',
    ),
  redis: z
    .strictObject({
      url: z
        .string()
        .refine(isRedisUrl, 'must be a redis:// or rediss:// URL')
        .describe('`redis://` or `rediss://`; may hold a password.'),
    })
    .optional()
    .describe('Omitted: tool lists are kept in this process only, for one replica.'),
  upstream: z
    .strictObject({
      endpoint: endpoint
        .default(DEFAULT_ENDPOINT)
        .describe('The MCP endpoint for sites that name none: `https://`, or `http://` on loopback.'),
    })
    .prefault({})
    .describe('Where the sites are reached.'),
  sites: z
    .array(site)
    .min(1, 'must name at least one site')
    .describe('The Atlassian sites, at least one. Their order is the order of the tools.'),
  auth: z
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
      oauth: oauth.optional(),
    })
    .prefault({})
    .describe('Who may sign in, and from where.'),
  views: z
    .record(z.string().refine(isViewName, 'must be 1 to 40 of a-z, 0-9 and -'), view)
    .default({})
    .describe('Named connectors under `/mcp/views/<name>`; a name is 1 to 40 of `a-z`, `0-9` and `-`.'),
  discovery: z
    .strictObject({
      deadlineMs: milliseconds.default(3_000).describe('How long a tool list waits for slow sites.'),
      freshSeconds: z.int().min(1).default(300).describe('How long a list is used without asking again.'),
      staleSeconds: z
        .int()
        .min(1)
        .default(86_400)
        .describe('How long a list is kept while its site is down; not less than `freshSeconds`.'),
      concurrency: z.int().min(1).max(1_000).default(32).describe('How many sites are asked at once.'),
    })
    .prefault({})
    .describe('How the tools of the sites are found.'),
  limits: z
    .strictObject({
      callTimeoutMs: milliseconds.default(120_000).describe('How long one tool call may take.'),
      maxBodyBytes: z.int().min(1_024).default(4_194_304).describe('The largest request body, in bytes.'),
      maxAnswerBytes: z
        .int()
        .min(1_024)
        .default(268_435_456)
        .describe('The largest answer of a site, in bytes.'),
      upstreamConnections: z.int().min(1).default(256).describe('Connections to one endpoint.'),
      upstreamSessions: z
        .int()
        .min(1)
        .default(10_000)
        .describe('Warm sessions, one per caller and endpoint.'),
      drainDelayMs: z
        .int()
        .min(0)
        .max(LONGEST_TIMER_MS)
        .default(0)
        .describe(
          'How long a stopping process goes on serving, with /readyz at 503, until a balancer has noticed.',
        ),
      drainTimeoutMs: milliseconds
        .default(30_000)
        .describe('How long a stopping process waits for calls under way.'),
    })
    .prefault({})
    .describe('Bounds on time, size and number.'),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('The least that is written. `silent`: nothing.'),
    })
    .prefault({})
    .describe('The log: lines of JSON on stderr.'),
});

export type ConfigFile = z.output<typeof ConfigFile>;
