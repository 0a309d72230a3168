/** What the demo stands in front of, and who signs people in. */
export interface DemoSurroundings {
  /** Origin of the emulated Atlassian. */
  readonly upstream: string;
  /** The emulated company's OpenID Connect provider. */
  readonly issuer: string;
  readonly clientSecret: string;
}

/** What the emulated company's provider knows Switchyard as. */
export const DEMO_CLIENT_ID = 'switchyard';

/** The demo's configuration: a v1 and two v2 sites, one of them without an alias, so that its cloudId names its tools. */
export function demoConfig({ upstream, issuer, clientSecret }: DemoSurroundings): string {
  return `version: 1
upstream:
  endpoint: ${upstream}/v2/mcp?tools=all
sites:
  - cloudId: 11111111-aaaa-4aaa-8aaa-000000000001
    url: https://alpha-eng.atlassian.net
    alias: eng
  - cloudId: 22222222-bbbb-4bbb-8bbb-000000000002
    url: https://beta-ops.atlassian.net
    alias: ops
    endpoint: ${upstream}/v1/mcp
  - cloudId: 33333333-cccc-4ccc-8ccc-000000000003
    url: https://gamma-labs.atlassian.net
    products: { jira: write, confluence: read }
auth:
  apiToken: { enabled: true }
  oauth:
    issuer: ${issuer}
    clientId: ${DEMO_CLIENT_ID}
    clientSecret: ${clientSecret}
views:
  triage: { sites: [eng, ops], products: { jira: read } }
`;
}
