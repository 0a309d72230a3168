// Lists of sites with the rules for definitions in front of them; the sites are lists that a test exchanges.
import { createSiteDirectory, parseCloudId, Secret, type Site, type ToolIndex } from '@switchyard/catalogue';
import { createMemoryState, type DurableState } from '@switchyard/identity';
import { createTelemetry, type Telemetry } from '@switchyard/telemetry';
import type { ToolListOutcome } from '@switchyard/tool-cache';
import { onTestFinished } from 'vitest';

import type { GuardedLists } from '../../src/gateway/drift-lists.ts';
import type { PinPlace } from '../../src/gateway/drift-pins.ts';
import type { DefinitionRule } from '../../src/gateway/drift-rules.ts';
import { createDrift, type Drift } from '../../src/gateway/drift.ts';
import { createSiteLists, type SiteListRequest } from '../../src/gateway/site-lists.ts';

export type Definition = Readonly<Record<string, unknown>>;

export interface DriftEstate {
  readonly sites: readonly Site[];
  readonly drift: Drift;
  readonly lists: GuardedLists;
  readonly telemetry: Telemetry;
  readonly log: string[];
  readonly approved: PinPlace[];
  /** What a site offers from now on; `caller` for one credential alone. */
  offer(site: Site, tools: readonly Definition[], caller?: string): void;
  /** The definitions that a caller is served now, asked of the site anew. */
  list(site: Site, caller?: string): Promise<Definition[]>;
  outcome(site: Site, caller?: string): Promise<ToolListOutcome>;
  index(site: Site, caller?: string): Promise<ToolIndex>;
  request(site: Site, caller?: string): SiteListRequest;
}

export function startDrift({
  rule = {},
  state = createMemoryState(),
  count = 1,
}: {
  readonly rule?: Partial<DefinitionRule>;
  readonly state?: DurableState;
  readonly count?: number;
} = {}): DriftEstate {
  const { sites } = createSiteDirectory(Array.from({ length: count }, (_, at) => siteEntry(at)));
  const offered = new Map<string, string>();
  const log: string[] = [];
  const approved: PinPlace[] = [];
  const destination = { write: (line: string) => void log.push(line) };
  const telemetry = createTelemetry({ sites, version: '0', destination });
  const drift = createDrift({
    state,
    telemetry,
    ruleOf(cloudId) {
      const site = sites.find((each) => each.cloudId === cloudId);
      return site && { site, rule: { onChange: 'notify', hiddenCharacters: 'strip', ...rule } };
    },
    onApproved: (place) => void approved.push(place),
  });
  const raw = createSiteLists({
    upstream: {
      listTools: async ({ endpoint, credential }) =>
        offered.get(`${endpoint} ${credential.id}`) ?? offered.get(endpoint) ?? '[]',
    },
    shared: undefined,
    freshMs: 60_000,
    staleMs: 60_000,
    concurrency: 4,
    onEvent: (event) => event.type === 'loaded' && drift.observe(event, raw),
  });
  const lists = drift.guard(raw);
  onTestFinished(async () => {
    drift.close();
    await raw.close();
  });

  async function outcome(site: Site, caller?: string): Promise<ToolListOutcome> {
    const asked = request(site, caller);
    await lists.invalidate(asked.key);
    return lists.get(asked, 1_000);
  }

  async function index(site: Site, caller?: string): Promise<ToolIndex> {
    const got = await outcome(site, caller);
    if (got.kind !== 'list') throw new Error(`no list but ${JSON.stringify(got)}`);
    return lists.index(got.list);
  }

  return {
    sites,
    drift,
    lists,
    telemetry,
    log,
    approved,
    offer: ({ endpoint }, tools, caller) =>
      void offered.set(caller === undefined ? endpoint : `${endpoint} ${caller}`, JSON.stringify(tools)),
    async list(site, caller) {
      const { entries } = await index(site, caller);
      return entries.map(({ text }) => JSON.parse(text) as Definition);
    },
    outcome,
    index,
    request,
  };
}

function request(site: Site, caller = 'ann'): SiteListRequest {
  const { cloudId, endpoint } = site;
  const credential = { id: caller, kind: 'bearer', authorization: new Secret('Bearer x') } as const;
  return {
    site: site.name,
    key: { cloudId, endpoint, scope: `${caller}:1` },
    target: { site: site.name, endpoint, credential },
  };
}

function siteEntry(at: number): Parameters<typeof createSiteDirectory>[0][number] {
  const cloudId = parseCloudId(`${String(at).padStart(8, '1')}-aaaa-4aaa-8aaa-000000000001`);
  if (cloudId === undefined) throw new Error('no cloudId');
  return {
    cloudId,
    url: `https://s${at}.atlassian.net`,
    alias: `s${at}`,
    endpoint: `https://mcp.example/${at}`,
    identity: 'personal',
  };
}
