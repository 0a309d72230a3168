// Atlassian's error texts, word for word as users reported them.

/** Names of the known tool-level errors. */
export type ErrorTextId = keyof typeof ERROR_TEXTS;

/** Tool-level error texts by id. */
export const ERROR_TEXTS: Readonly<
  Record<'E1' | 'E2' | 'E3' | 'E4' | 'E5' | 'E6' | 'E7' | 'E8' | 'E9' | 'E10' | 'E11' | 'E12' | 'E13', string>
> = {
  E1: "You don't have permission to connect via API token",
  E2: "You don't have permission to connect from this IP address. Please ask your admin for access.",
  E3: 'Your site admin must authorize this app',
  E4: 'Authentication failed: {"code":401,"message":"Unauthorized"}',
  E5: 'Authentication failed: {"code":401,"message":"Unauthorized; scope does not match"}',
  E6: 'accessibleResources.filter is not a function',
  E7: 'Search service is temporarily unavailable. Please try again in a few moments. Details: {"error":"RovoService service error"}',
  E8: 'Access denied. Your account does not have permission to search Jira or Confluence content.',
  E9: "We couldn't verify your connection settings. Please contact your administrator for assistance.",
  E10: 'We are having trouble completing this action. Please try again shortly.',
  E11: 'The app is not installed on this instance',
  E12: 'snapshot_stale',
  E13: "Your account isn't associated with a supported site. Rovo MCP connects with Atlassian sites that use apps like Jira or Confluence",
};

/** True for `E1` … `E13`. */
export function isErrorTextId(value: unknown): value is ErrorTextId {
  return typeof value === 'string' && Object.hasOwn(ERROR_TEXTS, value);
}
