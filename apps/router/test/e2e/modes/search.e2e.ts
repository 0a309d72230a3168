import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { CLOUD_IDS, type Estate, said, startEstate, THREE_LANES } from '../estate.ts';

/** Two v2 sites, one v1, each behind its own endpoint. */
let estate: Estate;
beforeAll(async () => void (estate = await startEstate({ sites: THREE_LANES })));
afterAll(() => estate.close());
afterEach(() => estate.emulator.control.clearFaults());

interface Hit {
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly site: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Found {
  readonly results: readonly Hit[];
  readonly notice?: string;
}

const NAMES = ['eng', 'ops', '33333333'];

function breakSites(...sites: readonly (keyof typeof CLOUD_IDS)[]): void {
  for (const site of sites) {
    const effect = { kind: 'http', status: 503 } as const;
    estate.emulator.control.addFault({ match: { method: 'tools/call', cloudId: CLOUD_IDS[site] }, effect });
  }
}

describe('search over all sites', () => {
  it('says which sites gave nothing when some are down, and shows the hits of the others (I3)', async () => {
    breakSites('ops');

    const response = await estate.call('search', { query: 'backups' });
    const { results, notice } = said(response) as Found;
    const rows = response.body.result?._meta?.['switchyard/sites'];

    expect(response.body.result?.isError ?? false).toBe(false);
    expect(new Set(results.map(({ site }) => site))).toEqual(new Set(['eng', '33333333']));
    expect(notice).toMatch(/^Not every site answered\. .*ops/);
    expect(rows).toMatchObject([
      { site: 'eng', status: 'ok' },
      { site: 'ops', status: 'unavailable', hits: 0, reason: expect.stringContaining('ops') },
      { site: '33333333', status: 'ok' },
    ]);
  });

  it('fails when every site is down', async () => {
    breakSites('eng', 'ops', 'labs');

    const { body } = await estate.call('search', { query: 'backups' });

    expect(body.result).toMatchObject({ isError: true, _meta: { 'switchyard/reason': 'unavailable' } });
  });

  it.each([[{}], [{ query: '' }], [{ query: 7 }], [{ query: 'x'.repeat(3_000) }]])(
    'wants words: %j',
    async (args) => {
      const { body } = await estate.call('search', args);

      expect(body.error?.message).toBe('Invalid arguments: search needs "query", what to look for');
    },
  );

  it('asks all sites at once and takes their hits in turn, each with its site', async () => {
    const response = await estate.call('search', { query: 'backups' });
    const { results } = said(response) as Found;

    expect(results.slice(0, 3).map(({ site }) => site)).toEqual(NAMES);
    for (const { id, url, title, site, metadata } of results) {
      expect(id.startsWith(`${site}:`)).toBe(true);
      expect(url).toMatch(/^https:/);
      expect(title).not.toBe('');
      expect(metadata['cloudId']).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect(response.body.result?.structuredContent).toEqual(said(response));
    expect(response.body.result?.content).toHaveLength(1);
  });

  it('answers alike every time', async () => {
    const [one, other] = [
      await estate.call('search', { query: 'x' }),
      await estate.call('search', { query: 'x' }),
    ];

    expect(said(one)).toEqual(said(other));
  });

  it('is the site’s own on the URL of one site', async () => {
    const { tools } = await estate.list({ path: '/mcp/sites/ops' });
    const own = tools.find(({ name }) => name === 'search');

    expect(own?._meta?.['switchyard/site']).toBe('ops');
  });

  it('is there beside the search of each site', async () => {
    const { names } = await estate.list();

    expect(names.filter((name) => /(^|__)search$/.test(name))).toEqual([
      'search',
      'eng__search',
      'ops__search',
      '33333333__search',
    ]);
  });

  it('counts as a call of each site', async () => {
    await estate.call('search', { query: 'backups' });
    const metrics = await (await fetch(`${estate.switchyard.adminUrl}/metrics`)).text();

    for (const site of NAMES)
      expect(metrics).toMatch(
        new RegExp(`tool_calls_total\\{site="${site}",product="rovo",access="read",outcome="ok"\\} [1-9]`),
      );
  });
});

describe('fetch', () => {
  it('reads every hit of a search, whichever generation its site has', async () => {
    const { results } = said(await estate.call('search', { query: 'backups' })) as Found;
    const kinds = new Set(results.map(({ site, metadata }) => `${site} ${metadata['type'] ?? ''}`));
    expect(kinds.size).toBeGreaterThan(3);

    for (const hit of results) {
      const response = await estate.call('fetch', { id: hit.id });
      const fetched = said(response) as Hit & { text: string };
      expect(fetched).toMatchObject({ id: hit.id, title: hit.title, url: hit.url, site: hit.site });
      expect(fetched.text.length).toBeGreaterThan(10);
    }
  });

  it.each([
    '',
    'nope',
    'nope:1',
    'eng:',
    'eng',
    7,
    `ari:cloud:jira:${CLOUD_IDS.eng.replace('1', '9')}:issue/1`,
  ])('refuses an id that is none of its own: %j', async (id) => {
    const { body } = await estate.call('fetch', { id });

    expect(body.error?.message).toBe('Invalid arguments: fetch needs "id", the id of a hit of search');
  });

  it('shows what the site says of something that is not there', async () => {
    const { body } = await estate.call('fetch', { id: `ops:ari:cloud:jira:${CLOUD_IDS.ops}:issue/999999` });

    expect(body.result?.isError).toBe(true);
    expect(body.result?.content?.[0]?.text).toMatch(/not found/i);
  });
});

describe('a caller for whom no site may be searched', () => {
  it('has neither search nor fetch', async () => {
    const { names } = await estate.list({ path: '/mcp?products=jira' });
    const { body } = await estate.call('search', { query: 'x' }, { path: '/mcp?products=jira' });

    expect(names.filter((name) => /search$|fetch$/.test(name))).toEqual([]);
    expect(body.error?.message).toBe('Unknown tool: search');
  });
});
