import { PRODUCTS, sitesFor } from '@switchyard/catalogue';
import type { Vault } from '@switchyard/identity';

import { callerOf } from '../gateway/own-callers.ts';
import type { Runtime } from '../gateway/runtime.ts';
import type { ChoicesFor } from '../oauth/consent-pages.ts';

/** How people call the products; a key that is missing here is its own name. */
const LABELS: Readonly<Record<string, string>> = {
  jira: 'Jira',
  'jira-service-management': 'Jira Service Management',
  confluence: 'Confluence',
  bitbucket: 'Bitbucket',
  compass: 'Compass',
  loom: 'Loom',
  goals: 'Goals',
  projects: 'Projects',
  teams: 'Teams',
  focus: 'Focus',
  talent: 'Talent',
  'teamwork-graph': 'Teamwork Graph',
  rovo: 'Rovo search',
  code: 'Code search',
  platform: 'Account and sites',
};

/** What a person can hand on at one MCP URL: the sites that it shows and that the person may use. */
export function createChoices(ports: {
  readonly runtime: () => Runtime;
  readonly linksOf: Vault['linksOf'];
}): ChoicesFor {
  return async (person, audience) => {
    const found = ports.runtime().viewOf(new URL(audience).pathname);
    const caller = callerOf(person);
    const linked = new Set((await ports.linksOf(person.id)).map(({ cloudId }) => cloudId));
    const sites = found.ok ? sitesFor(found.view, caller) : [];
    return {
      sites: sites.map((site) => ({
        value: site.cloudId,
        name: site.name,
        title: site.title,
        url: site.url,
        shared: site.identity === 'shared',
        readOnly: site.identity === 'shared' && site.products === undefined,
        linked: site.identity === 'shared' || linked.has(site.cloudId),
      })),
      products: PRODUCTS.map((value) => ({ value, label: LABELS[value] ?? value })),
      readOnlyForced: false,
    };
  };
}
