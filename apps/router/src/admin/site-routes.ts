import type { Site } from '@switchyard/catalogue';

import type { Gateway } from '../gateway/gateway.ts';
import type { KillSwitches, SwitchedOff } from '../gateway/kill-switches.ts';
import { AdminProblem, type AdminRoute, type Asked } from './admin-route.ts';

interface SitePorts {
  readonly gateway: Pick<Gateway, 'runtime' | 'budgets'>;
  readonly switches: KillSwitches;
  /** Throws what is wrong with the configuration. Returns the settings that need a restart. */
  readonly reload: () => string[];
}

/** Sites, the configuration, and what an admin can stop at once. */
export function siteRoutes(ports: SitePorts): AdminRoute[] {
  const { gateway, reload } = ports;
  return [
    {
      method: 'get',
      path: '/sites',
      summary: 'The sites of the configuration',
      handle: () => ({ sites: gateway.runtime().directory.sites.map(siteJson) }),
    },
    {
      method: 'post',
      path: '/config/reload',
      summary: 'Reads the configuration again; an invalid file changes nothing',
      handle() {
        try {
          return { reloaded: true, needsRestart: reload() };
        } catch (error) {
          throw new AdminProblem(422, error instanceof Error ? error.message : String(error));
        }
      },
    },
    {
      method: 'get',
      path: '/budgets',
      summary:
        'How many tools and tokens the lists are that were asked for lately, against the limits of clients',
      handle: () => ({ budgets: gateway.budgets() }),
    },
    ...switchRoutes(ports),
  ];
}

function switchRoutes({ gateway, switches }: SitePorts): AdminRoute[] {
  function readSwitch({ param }: Asked): SwitchedOff {
    const kind = param('kind');
    const id = param('id');
    if (kind === 'all') return { kind, id: '' };
    if (kind === 'client') return { kind, id };
    if (kind !== 'site') throw new AdminProblem(400, 'A switch is for all, site or client.');
    const site = gateway.runtime().directory.find(id);
    if (!site) throw new AdminProblem(404, `No site is called ${id}; see /admin/v1/sites.`);
    return { kind, id: site.cloudId };
  }

  async function pull(asked: Asked, off: boolean): Promise<unknown> {
    await switches.set(readSwitch(asked), off);
    return { switchedOff: switches.list() };
  }

  return [
    {
      method: 'get',
      path: '/switches',
      summary: 'What is stopped at the moment',
      handle: () => ({ switchedOff: switches.list() }),
    },
    {
      method: 'put',
      path: '/switches/{kind}/{id}',
      summary: 'Stops all (`/switches/all/-`), one site or one client, on every replica',
      handle: (asked) => pull(asked, true),
    },
    {
      method: 'delete',
      path: '/switches/{kind}/{id}',
      summary: 'Lets it run again',
      handle: (asked) => pull(asked, false),
    },
  ];
}

function siteJson({ name, cloudId, url, alias, endpoint, identity, products }: Site): object {
  return { name, cloudId, url, alias: alias ?? null, endpoint, identity, products: products ?? null };
}
