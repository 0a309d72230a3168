import { accessDenial, type Caller, PRODUCTS, type Site } from '@switchyard/catalogue';
import type { EnrolledToken, EnrolledTokens, LinkSummary } from '@switchyard/identity';

import type { Gateway } from '../gateway/gateway.ts';
import { callerOf } from '../gateway/own-callers.ts';
import type { SignInSide } from '../sign-in/sign-in.ts';
import { AdminProblem, type AdminRoute } from './admin-route.ts';
import { connectionJson, linkJson, personJson } from './people-routes.ts';

interface AccessPorts {
  readonly gateway: Pick<Gateway, 'runtime'>;
  readonly signIn: () => SignInSide | undefined;
  readonly enrolled: Pick<EnrolledTokens, 'list'>;
}

/** Who has access to what, and why: asked of the same functions that decide calls. */
export function accessRoutes(ports: AccessPorts): AdminRoute[] {
  return [
    {
      method: 'get',
      path: '/access',
      summary: 'Who may use which site, by which rule, with which account, through which client',
      query: { site: 'Of one site, by any of its names' },
      handle: ({ query }) => access(ports, query('site')),
    },
  ];
}

async function access(ports: AccessPorts, spelling: string | undefined): Promise<object> {
  const { directory, config } = ports.gateway.runtime();
  const one = spelling === undefined ? undefined : directory.find(spelling);
  if (spelling !== undefined && !one)
    throw new AdminProblem(404, `No site is called ${spelling}; see /admin/v1/sites.`);
  const sites = one ? [one] : directory.sites;
  const tokens = await ports.enrolled.list();
  return {
    people: await peopleAccess(ports, sites),
    tokens: tokens.map((token) => ({
      id: token.id,
      name: token.name,
      owner: token.owner ?? null,
      role: token.role,
      actsAs: token.actsAs,
      sites: sites.map((site) => siteAccess(ports, tokenCaller(token), site)),
    })),
    apiTokens: {
      enabled: config.apiTokenEnabled,
      why: 'auth.apiToken.enabled; each caller reaches the sites of its own Atlassian account, and shared sites by allow',
      sites: sites.filter(({ apiToken }) => apiToken !== false).map(({ name }) => name),
    },
  };
}

async function peopleAccess(ports: AccessPorts, sites: readonly Site[]): Promise<object[]> {
  const side = ports.signIn();
  if (!side) return [];
  const links = await linksByPerson(side);
  const people = await side.server.people.list();
  return Promise.all(
    people.map(async (person) => ({
      ...personJson(person),
      connections: (await side.server.connections({ personId: person.id })).map(connectionJson),
      sites: sites.map((site) => ({
        ...siteAccess(ports, callerOf(person), site),
        links: (links.get(`${person.id} ${site.cloudId}`) ?? []).map(linkJson),
      })),
    })),
  );
}

async function linksByPerson({ vault }: SignInSide): Promise<ReadonlyMap<string, readonly LinkSummary[]>> {
  const found = new Map<string, LinkSummary[]>();
  for await (const link of vault.everyLink()) {
    const key = `${link.person} ${link.cloudId}`;
    found.set(key, [...(found.get(key) ?? []), link]);
  }
  return found;
}

/** As on `/mcp`: other URLs only show less. */
function siteAccess({ gateway }: AccessPorts, caller: Caller, site: Site): object {
  const denial = accessDenial(caller, site);
  const found = gateway.runtime().viewOf('/mcp');
  const policy = denial === undefined && found.ok ? found.view.policyFor(caller, site) : undefined;
  return {
    site: site.name,
    cloudId: site.cloudId,
    identity: site.identity,
    may: denial === undefined,
    why: denial ?? allowedBy(site),
    products: policy ? Object.fromEntries(PRODUCTS.map((product) => [product, policy.level(product)])) : {},
  };
}

function allowedBy({ allow, identity }: Site): string {
  if (allow) return `allow: ${allow.join(', ')}`;
  return identity === 'personal' ? 'personal site: whoever links an account of it' : 'shared site';
}

function tokenCaller({ id, owner, picks }: EnrolledToken): Caller {
  return {
    id: `token:${id}`,
    method: 'token',
    clientId: id,
    groups: [],
    cloudIds: new Set(),
    picks,
    ...(owner !== undefined && { email: owner }),
  };
}
