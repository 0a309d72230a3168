import { describe, expect, it } from 'vitest';

import {
  type Caller,
  createPolicies,
  createView,
  explain,
  type Explanation,
  type ExplainFacts,
  explainNoSite,
  type Rule,
  type SiteEntry,
} from '../src/index.ts';
import { at, callerOf, estateOf, indexOf } from './fixture.ts';

interface Case {
  readonly site?: Partial<SiteEntry>;
  readonly rules?: readonly Rule[];
  readonly caller?: Partial<Caller>;
  readonly seen?: boolean;
  readonly facts?: Partial<ExplainFacts>;
  readonly tool?: string;
  readonly single?: boolean;
  readonly lists?: readonly string[];
}

function explained({
  site = {},
  rules = [],
  caller = {},
  seen = true,
  facts = {},
  tool = 'getJiraIssue',
  single = false,
  lists = [tool],
}: Case): Explanation {
  const { directory } = estateOf(site);
  const eng = at(directory.sites, 0);
  const policies = createPolicies(rules, directory);
  const sites = single ? [eng] : directory.sites;
  const source = { kind: 'url', where: '?capabilities=' } as const;
  const layers = tool === 'getJiraUser' ? [{ capabilities: [], source }] : [];
  const view = createView({ id: 'v', sites, single, layers, policies });
  return explain({
    caller: callerOf({ method: 'oauth', ...caller }),
    seen,
    view,
    site: eng,
    tool,
    facts: {
      credential: 'api-token',
      list: { indexes: [indexOf(...lists)], underScoped: false },
      fetched: undefined,
      ...facts,
    },
  });
}

/** The gate that is closed, as `gate: code, who, where`. */
function closed(question: Case): string[] {
  const { gates } = explained(question);
  return gates
    .filter(({ gate, verdict }) => verdict !== 'pass' && gate !== 'client')
    .map(({ gate, code, who, where }) => `${gate}: ${code}, ${who}, ${where}`);
}

const UNDER = { indexes: [indexOf('atlassianUserInfo')], underScoped: true };

describe('an explanation names the step that is closed, who can change it, and where', () => {
  it.each<[string, Case, string[]]>([
    [
      'a site for others',
      { site: { allow: ['bob@acme.example'] } },
      ['access: not_allowed, administrator, sites[].allow'],
    ],
    [
      'an account that does not reach it',
      { caller: { method: 'basic' } },
      ['access: not_reached, Atlassian administrator, the account'],
    ],
    [
      'API tokens off there',
      { site: { apiToken: false }, caller: { method: 'bearer' } },
      ['access: credential_kind, you, the way of signing in'],
    ],
    [
      'nothing that opens it',
      { facts: { credential: undefined, list: 'Link it.' } },
      ['credential: not_connected, you, the connect page', 'listed: list_unknown, nobody, the site'],
    ],
    [
      'a site that does not answer',
      { facts: { list: 'It is down.' } },
      ['listed: list_unknown, nobody, the site'],
    ],
    ['a credential without scopes', { facts: { list: UNDER } }, ['listed: under_scoped, you, the API token']],
    [
      'Compass with a token',
      { tool: 'getCompassComponent', lists: [] },
      ['listed: oauth_only, you, the connect page'],
    ],
    [
      'operations with OAuth',
      { tool: 'getJsmOpsAlerts', lists: [], facts: { credential: 'oauth' } },
      ['listed: token_only, you, the connect page'],
    ],
    [
      'a group that is off',
      { tool: 'manageJiraSprint', lists: [] },
      ['listed: permission_group, Atlassian administrator, Atlassian administration, Rovo MCP permissions'],
    ],
    [
      'what is not offered',
      { tool: 'watchJiraIssue', lists: [] },
      [
        'listed: not_offered, Atlassian administrator, the scopes of the credential, or the permission groups of the site',
      ],
    ],
    [
      'what runs through another',
      { tool: 'watchJiraIssue', lists: ['executeWrite'] },
      ['listed: inside_envelope, you, the call'],
    ],
    [
      'the name of the other generation',
      { tool: 'getConfluenceSpaces', lists: ['listConfluenceSpaces'] },
      ['listed: renamed, you, the name'],
    ],
    ['no tool at all', { tool: 'frobnicate', lists: [] }, ['listed: no_such_tool, you, the name']],
    [
      'a product that is off',
      { site: { products: { confluence: 'read' } } },
      ['site_rules: product, administrator, sites.eng'],
    ],
    [
      'a level that is too low',
      { tool: 'createJiraIssue', site: { products: { jira: 'read' } } },
      ['site_rules: access, administrator, sites.eng'],
    ],
    [
      'a name that is denied',
      { site: { tools: { deny: ['get*'] } } },
      ['site_rules: tool, administrator, sites.eng'],
    ],
    [
      'a fence of projects',
      { tool: 'listJiraFilters', site: { projects: { allow: ['ENG'] } } },
      ['site_rules: resource, administrator, sites.eng'],
    ],
    [
      'a rule',
      { rules: [{ products: { confluence: 'read' }, source: { kind: 'rule', where: 'rules[0] "x"' } }] },
      ['rules: product, administrator, rules[0] "x"'],
    ],
    [
      'a rule that blocks',
      { rules: [{ block: true, source: { kind: 'rule', where: 'rules[0]' } }] },
      ['rules: blocked, administrator, rules[0]'],
    ],
    [
      'the query of the URL',
      { tool: 'getJiraUser' },
      ['view: product, whoever set up this client, ?capabilities='],
    ],
    [
      'what was picked',
      { tool: 'createJiraIssue', caller: { picks: { readOnly: true } } },
      ['picks: access, you, what was picked when this connection was made'],
    ],
    [
      'a name that Switchyard has itself',
      { tool: 'switchyard_sites', single: true },
      ['name: name_taken, administrator, another URL, such as /mcp'],
    ],
    [
      'a caller who is not known',
      { seen: false },
      [
        'access: caller_not_seen, you, a request of the caller',
        'credential: caller_not_seen, you, a request of the caller',
      ],
    ],
    [
      'layers that together leave an envelope nothing',
      {
        tool: 'executeWrite',
        site: { products: { jira: 'write' } },
        rules: [{ products: { confluence: 'write' } }],
      },
      ['rules: combined, administrator, '],
    ],
  ])('%s', (_, question, expected) => {
    expect(closed(question)).toEqual(expected);
    expect(explained(question).verdict).toBe('unavailable');
  });
});

describe('an explanation of a tool that is there', () => {
  it('passes every step, with its name on this URL', () => {
    const { verdict, gates } = explained({});

    expect(verdict).toBe('available');
    expect(gates.map(({ gate }) => gate)).toEqual([
      'site',
      'access',
      'credential',
      'listed',
      'site_rules',
      'rules',
      'view',
      'picks',
      'name',
      'confirm',
      'client',
    ]);
    expect(gates.find(({ gate }) => gate === 'name')?.sentence).toBe('Its name here is eng__getJiraIssue.');
  });

  it.each<[ExplainFacts['fetched'], string, string]>([
    [undefined, 'unknown', 'client_unknown'],
    [{ current: true, ago: '3 minutes ago' }, 'pass', 'client_current'],
    [{ current: false, ago: '9 hours ago' }, 'fail', 'client_outdated'],
  ])('tells what the client remembers, which decides nothing: %o', (fetched, verdict, code) => {
    const explanation = explained({ facts: { fetched } });

    expect(explanation.verdict).toBe('available');
    expect(explanation.gates.at(-1)).toMatchObject({ gate: 'client', verdict, code });
  });

  it('says when the person is asked first', () => {
    expect(
      explained({ tool: 'createJiraIssue', site: { confirm: ['write'] } }).gates.map(({ code }) => code),
    ).toContain('asked_first');
  });
});

describe('a site that a caller may not use', () => {
  it('is explained as one that is not there (I1)', () => {
    expect(explainNoSite({ site: 'ops', tool: 'getJiraIssue' })).toEqual({
      site: 'ops',
      tool: 'getJiraIssue',
      verdict: 'unavailable',
      gates: [
        {
          gate: 'site',
          verdict: 'fail',
          code: 'site_unknown',
          sentence: 'No site of that name is available to you.',
          who: 'administrator',
          where: 'sites',
        },
      ],
    });
  });
});
