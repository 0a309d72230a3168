import { LEVELS, PRODUCTS, type SiteDirectory } from '@switchyard/catalogue';
import {
  type EnrolledToken,
  type EnrolledTokens,
  IdentityError,
  type TokenRequest,
} from '@switchyard/identity';
import { z } from 'zod';

import { AdminProblem, type AdminRoute } from './admin-route.ts';

const SECOND_MS = 1_000;

const account = z.union([
  z.strictObject({ email: z.string(), apiToken: z.string() }),
  z.strictObject({ serviceAccountKey: z.string() }),
]);

const body = z.strictObject({
  name: z.string(),
  owner: z.string().optional(),
  role: z.enum(['caller', 'admin']).optional(),
  sites: z.array(z.string()).max(1_000).optional(),
  products: z.partialRecord(z.enum(PRODUCTS), z.enum(LEVELS)).optional(),
  readOnly: z.boolean().optional(),
  ttlSeconds: z.number(),
  actsAs: account.optional(),
});

const KNOWN_KEYS = `the keys of a token are ${Object.keys(body.shape).join(', ')}`;

/** Tokens for programs: handed out, listed, ended. */
export function tokenRoutes({
  tokens,
  directory,
}: {
  readonly tokens: EnrolledTokens;
  readonly directory: () => SiteDirectory;
}): AdminRoute[] {
  function cloudIdOf(spelling: string): string {
    const site = directory().find(spelling);
    if (!site)
      throw new AdminProblem(422, `No site is called ${JSON.stringify(spelling)}; see /admin/v1/sites.`);
    return site.cloudId;
  }

  function readRequest(given: unknown): TokenRequest {
    const parsed = body.safeParse(given);
    if (!parsed.success) throw new AdminProblem(422, sentenceOf(parsed.error));
    const { ttlSeconds, sites, ...rest } = parsed.data;
    return { ...rest, sites: sites?.map(cloudIdOf), ttlMs: ttlSeconds * SECOND_MS };
  }

  const show = (token: EnrolledToken): object => tokenJson(token, directory());

  return [
    {
      method: 'post',
      path: '/tokens',
      summary: 'Hands out a token; the answer is the only time that it is shown',
      body: {
        name: 'What it is for.',
        owner: 'E-mail address of whoever answers for it.',
        role: '`caller` (MCP, the default) or `admin` (this API).',
        sites: 'Sites by alias, cloudId or host name; absent: all.',
        products: 'Products and what may be done with each; absent: whatever the site permits.',
        readOnly: 'Only tools that read.',
        ttlSeconds: 'From 60 to 31,622,400 (366 days).',
        actsAs:
          '`{email, apiToken}` or `{serviceAccountKey}`: what opens personal sites. Stored encrypted. Absent: shared sites only.',
      },
      handle: async (asked) => {
        const { token, enrolled } = await answered(() => tokens.create(readRequest(asked.body)));
        return { token, ...show(enrolled) };
      },
    },
    {
      method: 'get',
      path: '/tokens',
      summary: 'The tokens that are good, without their secrets',
      handle: async () => ({ tokens: (await answered(() => tokens.list())).map(show) }),
    },
    {
      method: 'delete',
      path: '/tokens/{id}',
      summary: 'Ends a token on every replica',
      handle: async ({ param }) => {
        if (!(await answered(() => tokens.revoke(param('id')))))
          throw new AdminProblem(404, 'There is no such token; see /admin/v1/tokens.');
      },
    },
  ];
}

/** Only a store that does not answer is not the fault of whoever asks. */
async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    throw new AdminProblem(error.code === 'state_unavailable' ? 503 : 422, error.message);
  }
}

function tokenJson(token: EnrolledToken, { find }: SiteDirectory): object {
  const { id, name, owner, role, picks, actsAs, createdAtMs, expiresAtMs, lastUsedAtMs } = token;
  return {
    id,
    name,
    owner: owner ?? null,
    role,
    sites: picks.cloudIds ? [...picks.cloudIds].map((cloudId) => find(cloudId)?.name ?? cloudId) : null,
    products: picks.products ?? null,
    readOnly: picks.readOnly ?? false,
    actsAs,
    createdAt: isoOf(createdAtMs),
    expiresAt: isoOf(expiresAtMs),
    lastUsedAt: lastUsedAtMs === undefined ? null : isoOf(lastUsedAtMs),
  };
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Says where and what kind of value is wanted; never what was given, which may be a secret, even where a key should be. */
function sentenceOf({ issues }: z.ZodError): string {
  return issues.map((issue) => `${placeOf(issue)}: ${wantedOf(issue)}.`).join(' ');
}

function placeOf({ path }: z.core.$ZodIssue): string {
  const ours = path.filter((part, at) => at === 0 || typeof part === 'number');
  return ours.join('.') || 'The body';
}

function wantedOf({ code, message }: z.core.$ZodIssue): string {
  return code === 'unrecognized_keys' ? `Unknown key; ${KNOWN_KEYS}` : message;
}
