import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  faultIn,
  fetchCallOf,
  interleave,
  parseHitId,
  parseToolList,
  readFetched,
  readHits,
  type SearchHit,
  searchToolOf,
} from '../../src/index.ts';
import { ALPHA, BETA, estateOf, indexOf, judged } from '../fixture.ts';

const { directory, view, site, other } = estateOf();
const { policy } = judged(view, site);
const HIT = {
  id: 'ari:cloud:jira:x:issue/1',
  title: 'ENG-1',
  url: 'https://alpha-eng.atlassian.net/browse/ENG-1',
};
const text = (value: unknown): object => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

describe('hits of a site', () => {
  it.each([
    ['v1', text({ results: [HIT] })],
    ['v2', text({ data: { results: [HIT] } })],
    ['structured', { content: [], structuredContent: { data: { results: [HIT] } } }],
    ['a bare list', text([HIT])],
    ['items', text({ items: [HIT] })],
    ['other names', text({ results: [{ ari: HIT.id, name: HIT.title, link: HIT.url }] })],
    ['with what is no hit', text({ results: [7, null, {}, HIT, []] })],
  ])('are read in the shape of %s', (_, result) => {
    expect(readHits(site, result)).toEqual([
      {
        id: `eng:${HIT.id}`,
        title: HIT.title,
        url: HIT.url,
        site: 'eng',
        metadata: { site: 'eng', cloudId: ALPHA },
      },
    ]);
  });

  it.each([undefined, null, 7, 'x', {}, { content: [] }, text('prose'), text({}), text(7)])(
    'are none in %j',
    (result) => {
      expect(readHits(site, result)).toBeUndefined();
    },
  );

  it('never crash on what a site says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const result of [value, text(value), { structuredContent: value }]) {
          for (const hit of readHits(site, result) ?? []) expect(hit.id.startsWith('eng:')).toBe(true);
          expect(readFetched(site, 'x', result).id).toBe('eng:x');
          faultIn(result);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are bounded in number and length, and lead to no script', () => {
    const rows = Array.from({ length: 500 }, (_, at) => ({
      id: String(at),
      text: 'x'.repeat(100_000),
      url: 'javascript:alert(1)',
    }));
    const hits = readHits(site, text({ results: rows })) ?? [];

    expect(hits).toHaveLength(25);
    expect(hits.every((hit) => (hit.text?.length ?? 0) <= 2_000 && hit.url === site.url)).toBe(true);
  });
});

function hit(id: string, url = `https://x.example/${id}`): SearchHit {
  return { id, title: id, url, site: 'eng', metadata: {} };
}

describe('hits of all sites', () => {
  it('take turns by rank, in the order of the sites', () => {
    const mixed = interleave([[hit('a1'), hit('a2'), hit('a3')], [], [hit('c1')], [hit('d1'), hit('d2')]]);

    expect(mixed.map(({ id }) => id)).toEqual(['a1', 'c1', 'd1', 'a2', 'd2', 'a3']);
  });

  it('name an address once, and things without an address each', () => {
    const same = 'https://x.example/browse/A-1';
    const mixed = interleave([
      [hit('a', same), hit('b', 'https://x.example')],
      [hit('c', `${same}/`), hit('d', 'https://x.example')],
    ]);

    expect(mixed.map(({ id }) => id)).toEqual(['a', 'b', 'd']);
  });

  it('are at most a hundred, and none of none', () => {
    expect(interleave([])).toEqual([]);
    expect(
      interleave(
        Array.from({ length: 10 }, (_, s) => Array.from({ length: 25 }, (_, r) => hit(`${s}-${r}`))),
      ),
    ).toHaveLength(100);
  });
});

describe('the id of a hit', () => {
  const places = { sites: [site, other], directory };
  const ARI = `ari:cloud:jira:${ALPHA}:issue/1`;

  it.each([
    [`eng:${ARI}`, 'eng', ARI],
    [`ENG:${ARI}`, 'eng', ARI],
    [`${ALPHA}:x`, 'eng', 'x'],
    ['ops:x:y', 'ops', 'x:y'],
    [ARI, 'eng', ARI],
    ['https://beta-ops.atlassian.net/browse/A-1', 'ops', 'https://beta-ops.atlassian.net/browse/A-1'],
  ])('%s is of %s', (id, name, rest) => {
    expect(parseHitId(id, places)).toMatchObject({ site: { name }, id: rest });
  });

  it.each([
    '',
    ':',
    'eng',
    'eng:',
    'nope:x',
    `ari:cloud:jira:${ALPHA.replace('1', '9')}:issue/1`,
    'https://evil.example/x',
    `eng:ari:cloud:jira:${BETA}:issue/1`,
    'eng:https://beta-ops.atlassian.net/x',
  ])('%j is of none', (id) => {
    expect(parseHitId(id, places)).toBeUndefined();
  });

  it('is never of a site that is not the caller’s (I1)', () => {
    expect(parseHitId('ops:x', { sites: [site], directory })).toBeUndefined();
  });
});

describe('the tool of a site that searches', () => {
  it.each([
    [['search'], 'search'],
    [['searchAtlassian', 'fetchAtlassian'], 'searchAtlassian'],
    [['getJiraIssue'], undefined],
  ])('among %j is %s', (names, expected) => {
    expect(searchToolOf({ policy, index: indexOf(...names) })).toBe(expected);
  });

  it('is none where policy hides it (I2)', () => {
    const { view: narrow, site: eng } = estateOf({ products: { jira: 'read' } });

    expect(searchToolOf({ ...judged(narrow, eng), index: indexOf('search') })).toBeUndefined();
  });
});

describe('the tool of a site that reads a hit', () => {
  const v2 = parseToolList(
    JSON.stringify([
      { name: 'getJiraIssue', inputSchema: { properties: { issueIdOrKey: {}, view: {} } } },
      { name: 'getConfluenceContent', inputSchema: { properties: { content_id: {} } } },
    ]),
  );

  it.each([
    ['ari:cloud:jira:x:issue/10001', { tool: 'getJiraIssue', args: { issueIdOrKey: '10001', view: 'full' } }],
    [
      'https://x.example/browse/ENG-1?a=b',
      { tool: 'getJiraIssue', args: { issueIdOrKey: 'ENG-1', view: 'full' } },
    ],
    ['ari:cloud:confluence:x:page/7', { tool: 'getConfluenceContent', args: { content_id: '7' } }],
    ['ari:cloud:confluence:x:blogpost/7', { tool: 'getConfluenceContent', args: { content_id: '7' } }],
    [
      'https://x.example/wiki/spaces/A/pages/7/Title',
      { tool: 'getConfluenceContent', args: { content_id: '7' } },
    ],
    ['ari:cloud:loom:x:video/7', undefined],
    ['x', undefined],
  ])('of the second generation, for %s', (id, expected) => {
    expect(fetchCallOf({ policy, index: v2 }, id)).toEqual(expected);
  });

  it('is the site’s own fetch where it has one', () => {
    expect(fetchCallOf({ policy, index: indexOf('getJiraIssue', 'fetch') }, 'anything')).toEqual({
      tool: 'fetch',
      args: { id: 'anything' },
    });
  });
});

describe('a thing that was read', () => {
  it.each([
    [
      'v1 fetch',
      { id: 'x', title: 'T', text: 'Body', url: 'https://x.example/1', metadata: { a: 'b', c: 1 } },
      { title: 'T', text: 'Body', url: 'https://x.example/1' },
    ],
    [
      'v1 issue',
      { key: 'ENG-1', fields: { summary: 'S' } },
      { title: 'ENG-1: S', url: `${site.url}/browse/ENG-1` },
    ],
    [
      'v2 issue',
      { data: { key: 'ENG-1', summary: 'S' } },
      { title: 'ENG-1: S', text: '{"key":"ENG-1","summary":"S"}' },
    ],
    [
      'v2 page',
      { data: { title: 'P', url: 'https://x.example/p' } },
      { title: 'P', url: 'https://x.example/p' },
    ],
    ['prose', 'just words', { title: 'id', text: 'just words', url: site.url }],
  ])('of %s', (_, value, expected) => {
    expect(readFetched(site, 'id', text(value))).toMatchObject({ id: 'eng:id', site: 'eng', ...expected });
  });
});

describe('a failure of a site', () => {
  it.each([
    [{ content: [{ type: 'text', text: 'No.' }], isError: true }, 'No.'],
    [text({ error: true, message: 'No.' }), 'No.'],
    [{ isError: true }, 'an error'],
    [text({ error: 'x' }), undefined],
    [text({ results: [] }), undefined],
    [null, undefined],
  ])('%j says %s', (result, expected) => {
    expect(faultIn(result)).toBe(expected);
  });
});
