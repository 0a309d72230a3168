import type { Site } from './model.ts';

/** How a site stands in a list: a closed set (contract, section 4). */
export const SITE_STATUSES = [
  'ok',
  'stale',
  'unavailable',
  'under-scoped',
  'not-connected',
  'disabled',
] as const;

export type SiteStatus = (typeof SITE_STATUSES)[number];

/** One row of `_meta["switchyard/sites"]`. */
export interface SiteRow {
  readonly site: Site;
  readonly status: SiteStatus;
  /** How many of its tools this caller sees here. */
  readonly tools: number;
  /** One sentence for the person: what is wrong and what to do. */
  readonly reason?: string;
}

const ONLY_BASIC_TOOLS =
  /^(atlassianUserInfo|getAccessibleAtlassianResources|getTeamworkGraph\w*|addTeamworkGraph\w*)$/;

/** A credential without Rovo scopes still lists two to five tools (Atlassian's knowledge base; atlassian-mcp-server #87, #168). */
export function looksUnderScoped(toolNames: readonly string[]): boolean {
  return toolNames.every((name) => ONLY_BASIC_TOOLS.test(name));
}

/** The three causes that Atlassian names for an under-scoped list. */
export const UNDER_SCOPED_REASON =
  'The credential has no Rovo MCP scopes here: it is a classic API token without scopes, a scoped token that lacks the Rovo MCP scopes, or a personal token sent as Bearer instead of Basic. Create a scoped token for the Rovo MCP app and connect again.';

export function siteRowJson(row: SiteRow): Record<string, unknown> {
  const { site, status, tools, reason } = row;
  return {
    site: site.name,
    cloudId: site.cloudId,
    status,
    tools,
    ...(reason === undefined ? {} : { reason }),
  };
}
