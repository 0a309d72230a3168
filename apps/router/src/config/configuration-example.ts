/** A whole configuration for the reference page. Made-up names, no secrets. */
export const CONFIGURATION_EXAMPLE: string = `# yaml-language-server: $schema=./switchyard.schema.json
version: 1
publicUrl: https://mcp.acme.example
listen: { host: 127.0.0.1, port: 8080 }
admin: { host: 127.0.0.1, port: 9090 }
trustedProxies: [10.1.0.0/16]
redis: { url: '\${env:REDIS_URL}' }
upstream:
  endpoint: https://mcp.atlassian.com/v2/mcp?tools=all
sites:
  # Everybody with their own account.
  - cloudId: 11111111-aaaa-4aaa-8aaa-000000000001
    url: https://alpha-eng.atlassian.net
    alias: eng
    products: { jira: write, confluence: read }
    tools: { deny: ['deleteJira*'] }
  # One service account for two groups of people; may read only.
  - cloudId: 22222222-bbbb-4bbb-8bbb-000000000002
    url: https://beta-ops.atlassian.net
    alias: ops
    identity: shared
    credential: { serviceAccountKey: '\${file:/run/secrets/ops}' }
    allow: ['*@acme.example', 'group:ops']
    products: { jira: read, jira-service-management: read }
  # No alias: the tools are called 33333333__<tool>.
  - cloudId: 33333333-cccc-4ccc-8ccc-000000000003
    url: https://gamma-labs.atlassian.net
    endpoint: https://mcp.atlassian.com/v1/mcp
auth:
  apiToken: { enabled: true }
  ipAllowlist: [10.0.0.0/8, 2001:db8::/32]
views:
  triage: { sites: [eng, ops], products: { jira: read }, readOnly: true }
discovery: { deadlineMs: 3000, freshSeconds: 300, staleSeconds: 86400, concurrency: 32 }
limits: { callTimeoutMs: 120000, maxBodyBytes: 4194304 }
log: { level: info }
`;
