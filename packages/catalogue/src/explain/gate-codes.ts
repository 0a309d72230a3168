/** Who can open a gate that is closed. */
export type Who =
  | 'you'
  | 'administrator'
  | 'Atlassian administrator'
  | 'whoever set up this client'
  | 'nobody';

/** The steps from a configured site to a tool in a client, in the order in which they are taken. */
export type GateName =
  | 'site'
  | 'access'
  | 'credential'
  | 'listed'
  | 'site_rules'
  | 'rules'
  | 'view'
  | 'picks'
  | 'name'
  | 'confirm'
  | 'client';

/** What a code says. */
export interface GateCodeRow {
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly who: Who;
  /** Where it is changed, when the layer itself does not say it. */
  readonly where: string;
  readonly sentence: string;
}

/**
 * Every code of an explanation. `<tool>`, `<site>`, `<layer>` and `<detail>` are filled in. What each
 * means is also in docs/tools-and-policy.md.
 */
const GATE_CODES = {
  site_known: {
    verdict: 'pass',
    who: 'administrator',
    where: 'sites',
    sentence: '<site> is configured.',
  },
  site_unknown: {
    verdict: 'fail',
    who: 'administrator',
    where: 'sites',
    sentence: 'No site of that name is available to you.',
  },
  may_use: {
    verdict: 'pass',
    who: 'administrator',
    where: 'sites[].allow',
    sentence: 'The caller may use <site>.',
  },
  credential_kind: {
    verdict: 'fail',
    who: 'you',
    where: 'the way of signing in',
    sentence: '<site> takes no API tokens; sign in with OAuth.',
  },
  not_reached: {
    verdict: 'fail',
    who: 'Atlassian administrator',
    where: 'the account',
    sentence: "The caller's Atlassian account does not reach <site>.",
  },
  not_allowed: {
    verdict: 'fail',
    who: 'administrator',
    where: 'sites[].allow',
    sentence: '"allow" of <site> does not name the caller.',
  },
  not_picked: {
    verdict: 'fail',
    who: 'you',
    where: 'the connection: connect again and pick the site',
    sentence: '<site> was not picked when this connection was made.',
  },
  caller_not_seen: {
    verdict: 'unknown',
    who: 'you',
    where: 'a request of the caller',
    sentence: 'This process has not seen the caller lately, so its sites, groups and lists are not known.',
  },
  connected: {
    verdict: 'pass',
    who: 'nobody',
    where: '',
    sentence: 'A credential opens <site>.',
  },
  not_connected: {
    verdict: 'fail',
    who: 'you',
    where: 'the connect page',
    sentence: 'Nothing opens <site> yet. <detail>',
  },
  listed: {
    verdict: 'pass',
    who: 'nobody',
    where: '',
    sentence: '<site> offers <tool>.',
  },
  list_unknown: {
    verdict: 'unknown',
    who: 'nobody',
    where: 'the site',
    sentence: 'The tools of <site> are not known right now. <detail>',
  },
  under_scoped: {
    verdict: 'fail',
    who: 'you',
    where: 'the API token',
    sentence: 'The credential has no Rovo MCP scopes at <site>, so that it lists hardly any tool.',
  },
  oauth_only: {
    verdict: 'fail',
    who: 'you',
    where: 'the connect page',
    sentence: 'Atlassian offers <tool> to OAuth connections only, and <site> is opened with a token.',
  },
  token_only: {
    verdict: 'fail',
    who: 'you',
    where: 'the connect page',
    sentence: 'Atlassian offers <tool> to API tokens only, and <site> is opened with OAuth.',
  },
  permission_group: {
    verdict: 'fail',
    who: 'Atlassian administrator',
    where: 'Atlassian administration, Rovo MCP permissions',
    sentence:
      '<site> does not offer <tool>: its permission group is off unless an organization admin turns it on.',
  },
  inside_envelope: {
    verdict: 'fail',
    who: 'you',
    where: 'the call',
    sentence: '<site> runs <tool> through <detail> only.',
  },
  withheld: {
    verdict: 'fail',
    who: 'administrator',
    where: 'the changes of the site in the admin API',
    sentence: 'The definition of <tool> on <site> changed and is held until it is approved.',
  },
  renamed: {
    verdict: 'fail',
    who: 'you',
    where: 'the name',
    sentence: '<site> calls <tool> <detail> now.',
  },
  not_offered: {
    verdict: 'fail',
    who: 'Atlassian administrator',
    where: 'the scopes of the credential, or the permission groups of the site',
    sentence: '<site> does not offer <tool> to this credential.',
  },
  no_such_tool: {
    verdict: 'fail',
    who: 'you',
    where: 'the name',
    sentence: '<site> has no tool <tool>, and Atlassian has none of that name that Switchyard knows.',
  },
  permitted: {
    verdict: 'pass',
    who: 'nobody',
    where: '',
    sentence: 'Nothing here takes <tool> away.',
  },
  blocked: {
    verdict: 'fail',
    who: 'administrator',
    where: '',
    sentence: '<layer> takes away the whole site.',
  },
  tool: {
    verdict: 'fail',
    who: 'administrator',
    where: '',
    sentence: '<layer> does not permit the name <tool>.',
  },
  product: {
    verdict: 'fail',
    who: 'administrator',
    where: '',
    sentence: '<layer> turns the product off: <detail>.',
  },
  access: {
    verdict: 'fail',
    who: 'administrator',
    where: '',
    sentence: '<layer> does not permit what <tool> does: <detail>.',
  },
  resource: {
    verdict: 'fail',
    who: 'administrator',
    where: '',
    sentence: '<layer> limits projects or spaces, and <tool> cannot say in which it acts.',
  },
  combined: {
    verdict: 'fail',
    who: 'administrator',
    where: '',
    sentence: 'Together with the steps before, nothing is left that <tool> may do.',
  },
  called_as: {
    verdict: 'pass',
    who: 'nobody',
    where: '',
    sentence: 'Its name here is <detail>.',
  },
  name_taken: {
    verdict: 'fail',
    who: 'administrator',
    where: 'another URL, such as /mcp',
    sentence: 'Another tool has the name <detail> on this URL.',
  },
  not_asked: {
    verdict: 'pass',
    who: 'nobody',
    where: '',
    sentence: 'Calls are not confirmed first.',
  },
  asked_first: {
    verdict: 'pass',
    who: 'administrator',
    where: '"confirm"',
    sentence: 'The person is asked before each call; a client that cannot ask is refused.',
  },
  client_current: {
    verdict: 'pass',
    who: 'nobody',
    where: '',
    sentence: 'The client has the list as it is now; it was fetched <detail>.',
  },
  client_outdated: {
    verdict: 'fail',
    who: 'whoever set up this client',
    where: 'the client: refresh or reconnect',
    sentence: 'The client fetched its list <detail>, and it has changed since.',
  },
  client_unknown: {
    verdict: 'unknown',
    who: 'whoever set up this client',
    where: 'the client',
    sentence: 'This process has not served the list to the client lately.',
  },
} as const;

export type GateCode = keyof typeof GATE_CODES;

/** The row of a code. */
export function gateCodeRow(code: GateCode): GateCodeRow {
  return GATE_CODES[code];
}
