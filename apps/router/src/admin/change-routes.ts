import type { Site } from '@switchyard/catalogue';

import type { Drift } from '../gateway/drift.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { AdminProblem, type AdminRoute, type Asked } from './admin-route.ts';

interface Parts {
  readonly gateway: Pick<Gateway, 'runtime'>;
  readonly drift: Pick<Drift, 'changes' | 'held' | 'approve'>;
}

const SITE = 'A site by alias, cloudId or host name; omitted: all.';

/** What the sites changed of their tools, and what an admin lets through. */
export function changeRoutes(parts: Parts): AdminRoute[] {
  return [
    {
      method: 'get',
      path: '/changes',
      summary: 'The last changes of tool definitions, the newest first',
      query: { site: SITE, since: 'ISO 8601: only changes from then on.' },
      handle: (asked) => changes(parts, asked),
    },
    {
      method: 'get',
      path: '/changes/held',
      summary: 'Definitions that wait to be approved, each beside the one that is served meanwhile',
      query: { site: SITE },
      handle: (asked) => held(parts, asked),
    },
    {
      method: 'post',
      path: '/changes/approve',
      summary: 'Lets definitions through that are held',
      body: {
        site: 'The site, by alias, cloudId or host name.',
        tool: 'The tool at the site; omitted: all that is held there.',
        definition:
          'The definition that was looked at, as /changes/held names it; omitted: the one seen last.',
      },
      handle: (asked) => approve(parts, asked),
    },
  ];
}

async function changes({ gateway, drift }: Parts, asked: Asked): Promise<unknown> {
  const name = asked.query('site');
  const cloudId = name === undefined ? undefined : siteOf(gateway, name).cloudId;
  return { changes: await stored(drift.changes({ cloudId, since: sinceOf(asked) })) };
}

async function held({ gateway, drift }: Parts, asked: Asked): Promise<unknown> {
  const name = asked.query('site');
  const sites = name === undefined ? gateway.runtime().directory.sites : [siteOf(gateway, name)];
  const rows = await stored(Promise.all(sites.map((site) => drift.held(site))));
  return { held: rows.flat() };
}

async function approve({ gateway, drift }: Parts, { body, admin }: Asked): Promise<unknown> {
  const [site, tool, definition] = ['site', 'tool', 'definition'].map((key) => textOf(body, key));
  if (site === undefined) throw new AdminProblem(400, '"site" must name a site.');
  if (definition !== undefined && tool === undefined)
    throw new AdminProblem(400, '"definition" needs "tool".');
  const approved = await stored(drift.approve(siteOf(gateway, site), { tool, definition }, admin));
  if (approved.length > 0) return { approved };
  throw new AdminProblem(
    409,
    'Nothing of that waits to be approved: it was approved already, or the site changed it again; see /admin/v1/changes/held.',
  );
}

function siteOf(gateway: Parts['gateway'], name: string): Site {
  const site = gateway.runtime().directory.find(name);
  if (!site) throw new AdminProblem(404, `No site is called ${name}; see /admin/v1/sites.`);
  return site;
}

function textOf(body: Asked['body'], key: string): string | undefined {
  const value = body[key];
  if (value === undefined || typeof value === 'string') return value;
  throw new AdminProblem(400, `"${key}" must be a text.`);
}

function sinceOf({ query }: Asked): number | undefined {
  const text = query('since');
  if (text === undefined) return undefined;
  const since = Date.parse(text);
  if (Number.isNaN(since))
    throw new AdminProblem(400, '"since" must be a time such as 2026-11-21T00:00:00Z.');
  return since;
}

async function stored<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AdminProblem) throw error;
    throw new AdminProblem(503, 'The store of changes does not answer right now; try again in a moment.');
  }
}
