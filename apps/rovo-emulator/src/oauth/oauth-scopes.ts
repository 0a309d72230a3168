// The scopes that Atlassian's authorization server knows.
import type { Generation } from '../emulator-options.ts';

const IDENTITY = ['read:me', 'read:account', 'offline_access', 'email'];
const AGENT_INTERFACE = [
  ...['read', 'write', 'search', 'delete', 'manage'].map((verb) => `${verb}:jira`),
  ...['read', 'write', 'search'].map((verb) => `${verb}:confluence`),
  'search:rovo',
  'search:code',
  ...['goals', 'projects', 'bitbucket', 'loom', 'talent', 'teams', 'artifacts', 'focus'].flatMap(
    (product) => [`read:${product}`, `write:${product}`],
  ),
];

/** Scopes by the generation of the URL that they open; v2's are the 32 that were seen in public metadata. */
export const OAUTH_SCOPES: Readonly<Record<Generation, readonly string[]>> = {
  v1: [
    ...IDENTITY,
    ...['read', 'write', 'search'].map((verb) => `${verb}:jira-work`),
    ...['comment', 'hierarchical-content', 'page', 'space'].map((content) => `read:${content}:confluence`),
    'write:page:confluence',
    'search:confluence',
    'search:rovo:mcp',
    'read:component:compass',
    'write:component:compass',
  ],
  v2: [
    ...IDENTITY,
    ...AGENT_INTERFACE.map((scope) => `${scope}:agent-interface`),
    'read:all:twg',
    'write:all:twg',
  ],
};

const KNOWN: ReadonlySet<string> = new Set([...OAUTH_SCOPES.v1, ...OAUTH_SCOPES.v2]);

/** The first scope that Atlassian does not know. */
export function unknownScope(scopes: readonly string[]): string | undefined {
  return scopes.find((scope) => !KNOWN.has(scope));
}
