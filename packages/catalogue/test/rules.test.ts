import { describe, expect, it } from 'vitest';

import {
  type Caller,
  createPolicies,
  createView,
  type Rule,
  type SiteEntry,
  sitesFor,
  type View,
} from '../src/index.ts';
import { callAt, callerOf, estateOf, indexOf } from './fixture.ts';

const ALICE = { email: 'alice@acme.example', groups: ['eng'], method: 'oauth', clientId: 'claude' } as const;

function viewWith(
  rules: readonly Rule[],
  name?: string,
): { view: View; shows: (caller: Caller, tool?: string) => boolean } {
  const { directory, site } = estateOf({ products: { jira: 'delete' }, identity: 'shared', allow: ['*'] });
  const policies = createPolicies(rules, directory);
  const view = createView({ id: 'v', sites: directory.sites, single: false, layers: [], policies, name });
  return { view, shows: (caller, tool = 'createJiraIssue') => view.policyFor(caller, site).shows(tool) };
}

describe('a rule', () => {
  it.each<[string, Rule, boolean]>([
    ['without a selector', {}, true],
    ['for this site', { sites: ['eng'] }, true],
    ['for this site by host', { sites: ['https://ALPHA-eng.atlassian.net'] }, true],
    ['for another site', { sites: ['ops'] }, false],
    ['for a site that is none', { sites: ['nowhere'] }, false],
    ['for her group', { groups: ['hr', 'eng'] }, true],
    ['for another group', { groups: ['hr'] }, false],
    ['for her address', { callers: ['ALICE@*'] }, true],
    ['for another address', { callers: ['bob@acme.example'] }, false],
    ['for her client', { clients: ['cl*'] }, true],
    ['for another client', { clients: ['chatgpt'] }, false],
    ['for this view', { views: ['triage', 'v2'] }, true],
    ['for another view', { views: ['v2'] }, false],
    ['of which one selector does not fit', { sites: ['eng'], groups: ['eng'], clients: ['chatgpt'] }, false],
    ['of which all selectors fit', { sites: ['eng'], groups: ['eng'], clients: ['claude'] }, true],
  ])('%s holds for alice at eng on triage: %o is %s', (_, selectors, holds) => {
    const { shows } = viewWith([{ ...selectors, readOnly: true }], 'triage');

    expect(shows(callerOf(ALICE))).toBe(!holds);
    expect(shows(callerOf(ALICE), 'getJiraIssue')).toBe(true);
  });

  it.each<[string, Rule, Partial<Caller>]>([
    ['a group, for an API token', { groups: ['contractors'] }, { method: 'basic' }],
    ['a group, for a service account', { groups: ['contractors'] }, { method: 'bearer' }],
    ['an address, for a caller without one', { callers: ['*@contractors.example'] }, { method: 'oauth' }],
  ])('holds where it is not known whether it is about the caller (I12): %s', (_, selectors, caller) => {
    expect(viewWith([{ ...selectors, readOnly: true }]).shows(callerOf(caller))).toBe(false);
  });

  it.each<[string, Rule, Partial<Caller>]>([
    ['a client, for a caller who comes without one', { clients: ['*'] }, { method: 'basic' }],
    ['a view, on a URL that is none', { views: ['triage'] }, ALICE],
    ['a group, for a caller whose groups are known', { groups: ['hr'] }, { method: 'token', groups: [] }],
  ])('does not hold where it is known to be about somebody else: %s', (_, selectors, caller) => {
    expect(viewWith([{ ...selectors, readOnly: true }]).shows(callerOf(caller))).toBe(true);
  });

  it('that blocks takes the site away for those it is about', () => {
    const { view } = viewWith([{ groups: ['eng'], sites: ['eng'], block: true }]);

    expect(sitesFor(view, callerOf({ ...ALICE })).map(({ name }) => name)).toEqual(['ops']);
    expect(sitesFor(view, callerOf({ ...ALICE, groups: [] })).map(({ name }) => name)).toEqual([
      'eng',
      'ops',
    ]);
  });
});

describe('what was picked for a connection', () => {
  it.each<[string, Caller['picks'], boolean, boolean]>([
    ['nothing in particular', {}, true, true],
    ['to read only', { readOnly: true }, true, false],
    ['Confluence', { products: { confluence: 'write' } }, false, false],
    ['Jira, to read', { products: { jira: 'read' } }, true, false],
    ['more than the site permits', { products: { jira: 'delete', loom: 'delete' } }, true, true],
  ])('%s: %o', (_, picks, reads, writes) => {
    const { shows } = viewWith([]);
    const caller = callerOf({ ...ALICE, ...(picks && { picks }) });

    expect([shows(caller, 'getJiraIssue'), shows(caller), shows(caller, 'getLoomVideo')]).toEqual([
      reads,
      writes,
      false,
    ]);
  });

  it('leaves out the sites that were not picked', () => {
    const { view } = viewWith([]);
    const [eng] = view.sites;

    expect(
      sitesFor(view, callerOf({ ...ALICE, picks: { cloudIds: new Set([eng?.cloudId ?? '']) } })),
    ).toEqual([eng]);
    expect(sitesFor(view, callerOf({ ...ALICE, picks: { cloudIds: new Set() } }))).toEqual([]);
  });
});

describe('compiled policies', () => {
  it('are one for callers about whom the same rules are, and others for others', () => {
    const { view } = viewWith([{ groups: ['eng'], readOnly: true }]);
    const [eng] = view.sites;
    if (!eng) throw new Error('no site');
    const of = (caller: Partial<Caller>) => view.policyFor(callerOf({ ...ALICE, ...caller }), eng);

    expect(of({ id: 'a' })).toBe(of({ id: 'b', clientId: 'chatgpt' }));
    expect(of({ id: 'a' }).id).not.toBe(of({ groups: [] }).id);
    expect(of({ id: 'a' }).id).not.toBe(of({ picks: { readOnly: true } }).id);
  });

  it('are one for sites that have the same rules', () => {
    const { view, site, other } = estateOf();

    expect(view.policyFor(callerOf(ALICE), site)).toBe(view.policyFor(callerOf(ALICE), other));
  });

  it.each<Partial<SiteEntry>>([
    { products: { jira: 'read' } },
    { tools: { deny: ['delete*'] } },
    { projects: { allow: ['ENG'] } },
    { spaces: { deny: ['HR'] } },
    { confirm: ['delete'] },
    { identity: 'shared', allow: ['*'] },
  ])('are others for a site with other rules: %o', (rules) => {
    const { view, site, other } = estateOf(rules);

    expect(view.policyFor(callerOf(ALICE), site).id).not.toBe(view.policyFor(callerOf(ALICE), other).id);
  });

  it('are others for a site that a rule names', () => {
    const { directory } = estateOf();
    const policies = createPolicies([{ sites: ['eng'], readOnly: true }], directory);
    const view = createView({ id: 'v', sites: directory.sites, single: false, layers: [], policies });
    const [eng, ops] = view.sites.map((site) => view.policyFor(callerOf(ALICE), site));

    expect([eng?.shows('createJiraIssue'), ops?.shows('createJiraIssue')]).toEqual([false, true]);
  });

  it('of two configurations never have one id, so that no list outlives its rules', () => {
    const ids = [viewWith([]), viewWith([])].map(({ view }) =>
      view.sites.map((site) => view.policyFor(callerOf(ALICE), site).id),
    );

    expect(new Set(ids.flat()).size).toBe(4);
  });
});

/** What a call would ask first: nothing, or the question's subject. */
function confirmed(confirm: readonly ('write' | 'delete')[], tool: string, args = {}): unknown {
  const estate = estateOf({ products: { jira: 'delete' }, confirm });
  const outcome = callAt(estate, { name: `eng__${tool}`, args, index: indexOf(tool) });
  return outcome.kind === 'call' ? outcome.confirm : outcome;
}

describe('confirm', () => {
  it.each([
    [['delete'], 'getJiraIssue', false],
    [['delete'], 'createJiraIssue', false],
    [['delete'], 'deleteJiraIssue', true],
    [['write'], 'createJiraIssue', true],
    [['write'], 'deleteJiraIssue', true],
    [['write'], 'getJiraIssue', false],
    [[], 'deleteJiraIssue', false],
  ] as const)('%j before %s: %s', (confirm, tool, asked) => {
    expect(confirmed(confirm, tool) !== undefined).toBe(asked);
  });

  it('is about the tool that an envelope runs', () => {
    const args = { name: 'deleteJiraIssue', inputs: { issueIdOrKey: 'ENG-1' } };

    expect(confirmed(['delete'], 'executeDestructive', args)).toEqual({
      tool: 'deleteJiraIssue',
      args: args.inputs,
    });
    expect(confirmed(['delete'], 'executeRead', { name: 'getJiraIssue' })).toBeUndefined();
  });
});
