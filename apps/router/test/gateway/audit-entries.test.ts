import { createSiteDirectory, Secret, type Site } from '@switchyard/catalogue';
import type { Identified } from '@switchyard/identity';
import { expect, it } from 'vitest';

import {
  type AuditedCall,
  callEntry,
  listEntry,
  refusalEntry,
  type Requester,
  signInEntry,
} from '../../src/gateway/audit-entries.ts';
import type { CallReply } from '../../src/gateway/call-reply.ts';
import { siteEntry } from './site-entry.ts';

const SITES = createSiteDirectory([siteEntry('eng', 1), siteEntry('hr', 2, { identity: 'shared' })]);

function siteOf(name: string): Site {
  const site = SITES.find(name);
  if (!site) throw new TypeError(`no site ${name}`);
  return site;
}

const credential = { id: 'c', kind: 'basic', authorization: new Secret('Basic canary') } as const;
const caller = {
  id: 'caller-1',
  accountId: 'acc-1',
  email: 'ann@acme.example',
  method: 'basic',
  groups: [],
  cloudIds: new Set<string>(),
} as const;
const seal = { id: 's', secret: new Secret('canary') };
const PASSED_THROUGH: Identified = { ok: true, caller, credential, links: new Map(), seal };
const LINKED: Identified = {
  ok: true,
  caller: { ...caller, method: 'oauth', clientId: 'claude' },
  links: new Map([[siteOf('eng').cloudId, [{ kind: 'oauth', credential }]]]),
  seal,
};
const ENROLLED: Identified = { ...LINKED, caller: { ...caller, method: 'token', clientId: 'token-id' } };

const READ = { known: true, access: 'read', product: 'jira' } as const;

function failedAt(site: string): CallReply {
  return { kind: 'failed', result: '{}', outcome: 'timeout', site: siteOf(site), toolClass: READ as never };
}

function call(reply: CallReply, change: Partial<AuditedCall> = {}): AuditedCall {
  return {
    name: 'eng__getJiraIssue',
    args: { issueIdOrKey: 'ENG-1' },
    argumentsText: '{}',
    reply,
    latencyMs: 5,
    ...change,
  };
}

function by(identified: Identified): Requester {
  return { identified, address: '203.0.113.7', traceId: 't1' };
}

function upstream(identified: Identified, site: string): unknown {
  return callEntry(by(identified), call(failedAt(site))).upstream;
}

it('says whose account acted at the site', () => {
  expect(upstream(PASSED_THROUGH, 'eng')).toEqual({ kind: 'passed-through-basic', accountId: 'acc-1' });
  expect(upstream(LINKED, 'eng')).toEqual({ kind: 'linked-oauth' });
  expect(upstream(LINKED, 'hr')).toEqual({ kind: 'service-account' });
});

it('says who called, by which client or token, and where the call went', () => {
  expect(callEntry(by(LINKED), call(failedAt('eng')))).toEqual({
    event: 'call',
    decision: 'allow',
    outcome: 'timeout',
    caller: { id: 'caller-1', subject: 'acc-1', email: 'ann@acme.example' },
    method: 'oauth',
    client: { id: 'claude' },
    address: '203.0.113.7',
    traceId: 't1',
    site: 'eng',
    cloudId: siteOf('eng').cloudId,
    upstream: { kind: 'linked-oauth' },
    product: 'jira',
    access: 'read',
    tool: 'getJiraIssue',
    argumentsText: '{}',
    resources: ['ENG-1'],
    latencyMs: 5,
    bytes: undefined,
    policyVersion: undefined,
  });
  expect(callEntry(by(ENROLLED), call(failedAt('eng')))).toMatchObject({
    method: 'token',
    grant: 'token-id',
  });
});

it.each<[CallReply, object]>([
  [
    { kind: 'unknown', message: '', reason: 'access' },
    { decision: 'deny', rule: 'access', outcome: 'denied' },
  ],
  [
    { kind: 'invalid', message: '', reason: 'arguments' },
    { decision: 'deny', rule: 'arguments', outcome: 'invalid' },
  ],
  [{ kind: 'sites' }, { decision: 'allow', outcome: 'ok' }],
])('says what was decided and by which rule: %j', (reply, verdict) => {
  expect(callEntry(by(LINKED), call(reply))).toMatchObject(verdict);
});

it.each([
  ['eng__getJiraIssue', 'getJiraIssue'],
  ['switchyard_sites', 'switchyard_sites'],
  ['Bearer canary', undefined],
  ['x'.repeat(65), undefined],
  ['tool\n', undefined],
])('writes a tool name only where it can be one: %j', (name, tool) => {
  expect(callEntry(by(LINKED), call({ kind: 'sites' }, { name })).tool).toBe(tool);
});

it.each<[string, unknown, string[] | undefined]>([
  ['none', undefined, undefined],
  ['no map', 'ENG-1', undefined],
  ['an issue', { issueIdOrKey: 'ENG-1', comment: 'canary' }, ['ENG-1']],
  ['a page and its space', { pageId: 123, spaceKey: 'DOCS' }, ['123', 'DOCS']],
  ['an envelope', { name: 'getJiraIssue', arguments: { issueIdOrKey: 'OPS-7' } }, ['OPS-7']],
  ['free text where a key belongs', { issueIdOrKey: 'please see canary; it is secret' }, undefined],
  ['a list where a key belongs', { issueIdOrKey: ['canary one'] }, undefined],
])('writes the keys of resources and no other argument: %s', (_what, args, resources) => {
  expect(callEntry(by(LINKED), call({ kind: 'sites' }, { args })).resources).toEqual(resources);
});

it('holds no credential of whoever called (I5)', () => {
  const lines = [
    callEntry(by(PASSED_THROUGH), call(failedAt('eng'))),
    listEntry(by(LINKED), { method: 'tools/list', latencyMs: 1 }),
    signInEntry(by(PASSED_THROUGH)),
    refusalEntry({ address: '203.0.113.7', method: 'basic', reason: 'bad_credential', status: 401 }),
  ];

  expect(lines.map(({ event, decision }) => `${event} ${decision}`)).toEqual([
    'call allow',
    'list allow',
    'authentication allow',
    'authentication deny',
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/canary|redacted/);
});
