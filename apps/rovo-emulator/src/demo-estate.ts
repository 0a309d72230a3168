// The three sites, the accounts and the people of the demo. The secrets are no secrets.
import type { EmulatedAccount, EmulatedSite } from './emulator-options.ts';
import type { Person } from './identity-provider/identity-provider-options.ts';

const ALPHA = '11111111-aaaa-4aaa-8aaa-000000000001';
const BETA = '22222222-bbbb-4bbb-8bbb-000000000002';
const GAMMA = '33333333-cccc-4ccc-8ccc-000000000003';
const ELSEWHERE = '44444444-dddd-4ddd-8ddd-000000000004';
const ALL_SITES = [ALPHA, BETA, GAMMA];

/** Sites of an emulator that was given none. */
export const defaultSites: readonly EmulatedSite[] = [
  {
    cloudId: ALPHA,
    url: 'https://alpha-eng.atlassian.net',
    name: 'Alpha Engineering',
    dataSet: {
      projects: [
        { key: 'ENG', name: 'Engineering' },
        { key: 'WEB', name: 'Web Shop' },
        { key: 'PLAT', name: 'Platform' },
      ],
      spaces: [
        { key: 'DOCS', name: 'Engineering Docs' },
        { key: 'ARCH', name: 'Architecture' },
      ],
    },
  },
  {
    cloudId: BETA,
    url: 'https://beta-ops.atlassian.net',
    name: 'Beta Operations',
    dataSet: {
      projects: [
        { key: 'OPS', name: 'Operations' },
        { key: 'INC', name: 'Incidents' },
      ],
      spaces: [
        { key: 'RUN', name: 'Runbooks' },
        { key: 'ONCALL', name: 'On-call' },
      ],
    },
  },
  {
    cloudId: GAMMA,
    url: 'https://gamma-labs.atlassian.net',
    name: 'Gamma Labs',
    dataSet: {
      projects: [
        { key: 'LAB', name: 'Laboratory' },
        { key: 'RES', name: 'Research' },
      ],
      spaces: [
        { key: 'NOTES', name: 'Lab Notes' },
        { key: 'PAPERS', name: 'Papers' },
      ],
    },
  },
];

/** Accounts of an emulator that was given none. */
export const defaultAccounts: readonly EmulatedAccount[] = [
  {
    accountId: '712020:alice',
    email: 'alice@demo.example',
    name: 'Alice Example',
    sites: ALL_SITES,
    credentials: [{ kind: 'api-token', secret: 'demo-alice-token' }],
  },
  {
    accountId: '712020:bob',
    email: 'bob@demo.example',
    name: 'Bob Example',
    sites: [BETA],
    credentials: [{ kind: 'api-token', secret: 'demo-bob-token' }],
  },
  {
    accountId: '712020:service-bot',
    name: 'Demo Service Account',
    sites: ALL_SITES,
    credentials: [{ kind: 'service-key', secret: 'demo-service-key' }],
  },
  {
    accountId: '712020:carol',
    email: 'carol@demo.example',
    name: 'Carol Example',
    sites: ALL_SITES,
    credentials: [{ kind: 'classic-token', secret: 'demo-carol-classic-token' }],
  },
  {
    accountId: '712020:org-admin',
    email: 'admin@demo.example',
    name: 'Organisation Admin',
    sites: ALL_SITES,
    credentials: [{ kind: 'org-admin-key', secret: 'demo-org-admin-key' }],
  },
  {
    accountId: '712020:dave',
    email: 'dave@elsewhere.example',
    name: 'Dave Elsewhere',
    sites: [ELSEWHERE],
    credentials: [{ kind: 'api-token', secret: 'demo-dave-token' }],
  },
];

/** People of the demo's company; each has the Atlassian account of the same e-mail. */
export const defaultPeople: readonly Person[] = [
  { sub: 'alice', email: 'alice@demo.example', name: 'Alice Example', groups: ['everyone', 'eng'] },
  { sub: 'bob', email: 'bob@demo.example', name: 'Bob Example', groups: ['everyone', 'ops'] },
  { sub: 'carol', email: 'carol@demo.example', name: 'Carol Example', groups: ['everyone'] },
];
