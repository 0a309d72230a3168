import type { EmulatorOptions } from '@switchyard/rovo-emulator';

import { type Estate, startEstate } from '../estate.ts';

const ALIASES = [
  'eng',
  'ops',
  'labs',
  'web',
  'data',
  'sec',
  'mobile',
  'infra',
  'sales',
  'legal',
  'hr',
  'docs',
];
const V2 = '/v2/mcp?tools=all';

/** One of twelve sites. */
export interface TwelfthSite {
  readonly alias: string;
  readonly cloudId: string;
  readonly url: string;
}

export const TWELVE: readonly TwelfthSite[] = ALIASES.map((alias, at) => ({
  alias,
  cloudId: `${String(at + 1).padStart(8, '0')}-aaaa-4aaa-8aaa-000000000001`,
  url: `https://acme-${alias}.atlassian.net`,
}));

const EMULATOR: EmulatorOptions = {
  sites: TWELVE.map(({ alias, cloudId, url }) => ({ cloudId, url, name: `Acme ${alias}` })),
  accounts: [
    {
      accountId: '712020:alice',
      email: 'alice@demo.example',
      name: 'Alice Example',
      sites: TWELVE.map(({ cloudId }) => cloudId),
      credentials: [{ kind: 'api-token', secret: 'demo-alice-token' }],
    },
  ],
};

/** Twelve sites of one company; those that `v1` names still have the first generation of tools. */
export function startTwelve(
  options: { readonly v1?: readonly string[]; readonly more?: string } = {},
): Promise<Estate> {
  const { v1 = [], more = '' } = options;
  return startEstate({ emulator: EMULATOR, config: (upstream) => configText(upstream, v1, more) });
}

function configText(upstream: string, v1: readonly string[], more: string): string {
  const sites = TWELVE.map(({ alias, cloudId, url }) => {
    const path = v1.includes(alias) ? '/v1/mcp' : V2;
    return `  - { cloudId: ${cloudId}, url: "${url}", alias: ${alias}, endpoint: "${upstream}/${alias}${path}" }`;
  });
  return [
    'version: 1',
    'listen: { port: 0 }',
    'admin: { port: 0 }',
    'log: { level: silent }',
    'auth: { apiToken: { enabled: true } }',
    'sites:',
    ...sites,
    more,
  ].join('\n');
}
