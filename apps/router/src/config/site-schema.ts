import { LEVELS, PRODUCTS } from '@switchyard/catalogue';
import { z } from 'zod';

import { isAlias, isEndpoint, isHttpsOrigin, isUuid } from './value-rules.ts';

export const products = z
  .partialRecord(z.enum(PRODUCTS), z.enum(LEVELS as ['off', 'read', 'write', 'delete']))
  .describe(
    'What may be done with each product. Products that are not named are off; `platform` is read unless turned off.',
  );
const globs = z.array(z.string().min(1)).describe('Globs on upstream tool names (`*`, `?`).');
export const tools = z
  .strictObject({ allow: globs.optional(), deny: globs.optional() })
  .describe('Tools by name: deny wins, an absent `allow` allows every name.');
const keys = z.array(z.string().min(1));
function resourceLists(what: string, hint: string) {
  return z
    .strictObject({
      allow: keys.optional().describe('A fence: calls that do not provably stay inside are refused.'),
      deny: keys.optional().describe('Calls that name one of these are refused.'),
      readOnly: keys.optional().describe('Calls that name one of these may only read.'),
    })
    .describe(`${what} by key or id, as globs (\`*\`, \`?\`) in any case. ${hint}`);
}
export const projects = resourceLists('Jira projects', 'JQL must begin with `project in (…) AND`.');
export const spaces = resourceLists(
  'Confluence spaces',
  'Pages are known by ids alone: best effort without `allow`.',
);
export const confirm = z
  .array(z.enum(['write', 'delete']))
  .describe(
    'Before which calls the person is asked: `delete`, or `write`, which includes it. A client that cannot ask is refused.',
  );
export const onChange = z.enum(['allow', 'notify', 'hold']);
export const endpoint = z
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

/** One entry of `sites`. */
export const site = z.strictObject({
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
  apiToken: z
    .boolean()
    .default(true)
    .describe('Whether callers with API tokens may use the site, once `auth.apiToken.enabled` is true.'),
  allow: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Who may use the site: e-mail globs (`*@acme.example`), `group:<name>`, or `*` for every known caller. Required on shared sites.',
    ),
  products: products.optional(),
  tools: tools.optional(),
  projects: projects.optional(),
  spaces: spaces.optional(),
  confirm: confirm.optional(),
  onChange: onChange.optional().describe('`discovery.onChange` for this site alone.'),
});
