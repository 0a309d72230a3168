import { MODES } from '@switchyard/catalogue';
import { z } from 'zod';

import { auth } from './auth-schema.ts';
import { rule } from './rule-schema.ts';
import { endpoint, onChange, products, site, tools } from './site-schema.ts';
import { isOrigin, isProxyCidr, isRedisUrl, isViewName } from './value-rules.ts';

/** The configuration as it is written (contract, section 2). Unknown keys are errors everywhere. */

const HOST = 'The address to listen on. 0.0.0.0: every one of the machine.';
const port = z.int().min(0).max(65_535);
const proxyCidr = z
  .string()
  .refine(isProxyCidr, 'must be an IP address or a CIDR such as 10.0.0.0/8, and not everybody');
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
    .enum(MODES)
    .default('namespaced')
    .describe(
      'How tools are presented: each with its site in the name, each once with a `site` argument, or found and run through four tools. `?mode=` of a URL goes before it.',
    ),
});

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
      groups: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Groups whose members may use the admin API, with a token for `<publicUrl>/admin` or an admin token. Empty: whoever reaches a loopback listener may.',
        ),
    })
    .prefault({})
    .describe(
      'The listener for health, metrics, the admin API. Health and metrics ask for no credential: keep it private.',
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
  auth,
  views: z
    .record(z.string().refine(isViewName, 'must be 1 to 40 of a-z, 0-9 and -'), view)
    .default({})
    .describe('Named connectors under `/mcp/views/<name>`; a name is 1 to 40 of `a-z`, `0-9` and `-`.'),
  rules: z
    .array(rule)
    .max(1_000, 'must be at most 1,000 rules')
    .default([])
    .describe(
      'Further rules. One holds where all its selectors fit; it only takes away. Where several hold, all must permit.',
    ),
  links: z
    .strictObject({
      allowOtherAccounts: z
        .boolean()
        .default(false)
        .describe(
          "Whether a person may link an Atlassian account with another address than the person's own.",
        ),
    })
    .prefault({})
    .describe('How people link their Atlassian accounts.'),
  audit: z
    .strictObject({
      directory: z.string().min(1).describe('Where the files are written; each replica writes its own.'),
      key: z
        .string()
        .min(32)
        .describe('What the lines are chained with; at least 32 characters, kept away from the files.'),
      reads: z
        .enum(['allow', 'refuse'])
        .default('allow')
        .describe('What becomes of reads while the trail cannot be written. Writes are always refused then.'),
      maxFileBytes: z.int().min(65_536).default(104_857_600).describe('When a new file is begun.'),
      retentionDays: z.int().min(1).default(400).describe('How long old files are kept.'),
    })
    .optional()
    .describe(
      'The audit trail: who did what, on which site, and why it was allowed. Omitted: none is written.',
    ),
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
      onChange: onChange
        .default('notify')
        .describe(
          'What becomes of tools that a site changes or adds. `allow`: they are served, and recorded. `notify`: the same, with a warning in the log. `hold`: definitions stay as first seen, and new tools are hidden, until an administrator approves them.',
        ),
      hiddenCharacters: z
        .enum(['strip', 'keep'])
        .default('strip')
        .describe(
          'What becomes of characters in definitions that people do not see (zero-width, bidi, tags, controls). `strip`: they are taken out, and tools with such names, arguments or choices are hidden. `keep`: only such names of tools are hidden.',
        ),
    })
    .prefault({})
    .describe('How the tools of the sites are found.'),
  limits: z
    .strictObject({
      callTimeoutMs: milliseconds
        .default(120_000)
        .describe(
          'How long one tool call may take; while a large answer is passed on, only the site is timed.',
        ),
      readerTimeoutMs: milliseconds
        .default(30_000)
        .describe(
          'How long a client may read nothing of a large answer while its site waits; then both are cut off.',
        ),
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
      callerPerMinute: z
        .int()
        .min(1)
        .optional()
        .describe('Requests of one caller in a minute; more are told to wait. Omitted: any number.'),
      clientPerMinute: z
        .int()
        .min(1)
        .optional()
        .describe('Requests of one OAuth client, over all its people, in a minute. Omitted: any number.'),
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
