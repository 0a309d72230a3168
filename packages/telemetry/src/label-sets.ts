/** What a value outside its closed set is counted as, so that no request can create a series (I8). */
export const otherLabel = '_other';

/** The MCP methods that are told apart; any other method is `_other`. */
export const methods = [
  'initialize',
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'subscriptions/listen',
  'roots/list',
  'sampling/createMessage',
  'elicitation/create',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/tools/list_changed',
  'notifications/roots/list_changed',
] as const;

/** Why an operation failed; the empty string is success, as OpenTelemetry leaves `error.type` out then. */
export const errorTypes = [
  '',
  'tool_error',
  'not_confirmed',
  'input_required',
  'upstream_error',
  'timeout',
  'unavailable',
  'not_connected',
  'under_scoped',
  'rate_limited',
  'circuit_open',
  'denied',
  'invalid',
  'cancelled',
  'unauthorized',
  'wrong_credential',
  'session_lost',
  'no_endpoint',
  'garbled',
  'forbidden',
  'method_not_found',
  'too_large',
  'internal',
] as const;

/** The products of a configuration, `other` for a tool that no rule can place, `switchyard` for the tools that are its own. */
export const products = [
  'jira',
  'jira-service-management',
  'confluence',
  'bitbucket',
  'compass',
  'loom',
  'goals',
  'projects',
  'teams',
  'focus',
  'talent',
  'teamwork-graph',
  'rovo',
  'code',
  'platform',
  'other',
  'switchyard',
] as const;

/** What a tool does. */
export const accesses = ['read', 'write', 'delete'] as const;

/** How one tool call ended. */
export const outcomes = [
  'ok',
  'tool_error',
  'not_confirmed',
  'input_required',
  'upstream_error',
  'timeout',
  'unavailable',
  'not_connected',
  'under_scoped',
  'rate_limited',
  'circuit_open',
  'denied',
  'invalid',
  'cancelled',
] as const;

/** How one tool call ended. */
export type Outcome = (typeof outcomes)[number];

/** What a discovery found at a site: the statuses of the contract. */
export const siteStatuses = [
  'ok',
  'stale',
  'unavailable',
  'under-scoped',
  'not-connected',
  'disabled',
] as const;

/** What a discovery found at a site. */
export type SiteStatus = (typeof siteStatuses)[number];

/** Where a tool list came from. */
export const cacheTiers = ['memory', 'redis', 'upstream'] as const;

/** Where a tool list came from. */
export type CacheTier = (typeof cacheTiers)[number];

/** What a tier had. */
export const cacheResults = ['hit', 'stale', 'miss'] as const;

/** What a tier had. */
export type CacheResult = (typeof cacheResults)[number];

/** Why a request was sent upstream a second time. */
export const retryReasons = ['session_lost', 'not_sent', 'read_failed'] as const;

/** Why a large answer ended in its middle; `cancelled`: its client left, or did not read it. */
export const breakReasons = ['unavailable', 'timeout', 'garbled', 'cancelled'] as const;

/** The states of a circuit; the position is the value of the gauge. */
export const circuitStates = ['closed', 'half-open', 'open'] as const;

/** The state of a site's circuit. */
export type CircuitState = (typeof circuitStates)[number];

/** What stood against a call: a rule of the policy (`tool`, `product`, `access`, `resource`), or the call itself. */
export const denialReasons = [
  'tool',
  'product',
  'access',
  'resource',
  'unknown',
  'arguments',
  'site',
] as const;

/** How a refused caller tried to authenticate. */
export const authMethods = ['basic', 'bearer', 'none', 'other'] as const;

/** How a refused caller tried to authenticate. */
export type AuthMethod = (typeof authMethods)[number];

/** Why a caller was refused. */
export const authReasons = [
  'none',
  'disabled',
  'malformed',
  'bad_credential',
  'wrong_kind',
  'disabled_upstream',
  'ip_refused_upstream',
  'unreachable',
  'no_site',
  'bad_token',
  'state_unavailable',
  'rate_limited',
  'switched_off',
  'address',
  'host',
  'origin',
] as const;

/** Why a caller was refused. */
export type AuthReason = (typeof authReasons)[number];

/** How a tool of a site differs from the list before. */
export const changeKinds = ['added', 'removed', 'changed'] as const;

/** How a tool of a site differs from the list before. */
export type ChangeKind = (typeof changeKinds)[number];
