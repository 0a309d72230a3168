import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createSiteDirectory, parseCloudId, type SiteEntry } from '../src/index.ts';
import { ALPHA, at, BETA, cloudIdOf, entryOf } from './fixture.ts';

/** CloudIds that collide in 8, 12 and 16 digits again and again. */
const cloudId = fc
  .tuple(
    fc.constantFrom('11111111', '22222222'),
    fc.constantFrom('aaaa', 'bbbb'),
    fc.constantFrom('4aaa', '4bbb'),
    fc.nat(0xffff),
  )
  .map(([first, second, third, last]) =>
    cloudIdOf(`${first}-${second}-${third}-8aaa-${String(last).padStart(12, '0')}`),
  );

const entries: fc.Arbitrary<SiteEntry[]> = fc
  .uniqueArray(cloudId, { minLength: 1, maxLength: 8 })
  .chain((ids) =>
    fc
      .array(fc.boolean(), { minLength: ids.length, maxLength: ids.length })
      .map((named) => ids.map((id, at) => entryOf(id, named[at] ? { alias: `site-${id.slice(-4)}` } : {}))),
  )
  .filter((list) => new Set(list.map(({ alias, cloudId }) => alias ?? cloudId)).size === list.length);

describe('parseCloudId', () => {
  it.each([
    '',
    'eng',
    '11111111',
    `${ALPHA}0`,
    ` ${ALPHA}`,
    ALPHA.replaceAll('-', ''),
    ALPHA.replace('a', 'g'),
  ])('refuses "%s"', (text) => {
    expect(parseCloudId(text)).toBeUndefined();
  });

  it('takes capitals and gives small letters', () => {
    expect(parseCloudId(ALPHA.toUpperCase())).toBe(ALPHA);
  });
});

describe('a site directory', () => {
  const eng = entryOf(ALPHA, { alias: 'eng', url: 'https://alpha-eng.atlassian.net' });
  const directory = createSiteDirectory([eng, entryOf(BETA, { url: 'https://beta-ops.atlassian.net/' })]);

  it.each([
    '',
    'en',
    'engx',
    '1111111',
    '11111112',
    '33333333',
    'https://alpha-eng.atlassian.net.evil.example',
    'https://alpha-eng.atlassian.net@evil.example',
    'evil.example/alpha-eng.atlassian.net',
    '44444444-dddd-4ddd-8ddd-000000000004',
    '__proto__',
    'constructor',
  ])('finds nothing under "%s"', (spelling) => {
    expect(directory.find(spelling)).toBeUndefined();
  });

  it.each([
    'eng',
    'ENG',
    ALPHA,
    ALPHA.toUpperCase(),
    '11111111',
    '11111111aaaa',
    ALPHA.replaceAll('-', ''),
    'alpha-eng.atlassian.net',
    'Alpha-Eng.Atlassian.Net',
    'https://alpha-eng.atlassian.net',
    'https://alpha-eng.atlassian.net/',
    'https://alpha-eng.atlassian.net/wiki/spaces/X?y=1#z',
    'http://alpha-eng.atlassian.net:443',
  ])('finds the site under "%s"', (spelling) => {
    expect(directory.find(spelling)).toBe(directory.sites[0]);
  });

  it('titles a site by its alias, else by its host', () => {
    expect(directory.sites.map(({ title, host }) => [title, host])).toEqual([
      ['eng', 'alpha-eng.atlassian.net'],
      ['beta-ops.atlassian.net', 'beta-ops.atlassian.net'],
    ]);
  });

  it('gives the later of two colliding sites 12 digits, then 16, then 20', () => {
    const ids = [
      '11111111-aaaa-4aaa-8aaa-000000000001',
      '11111111-aaaa-4bbb-8aaa-000000000002',
      '11111111-aaaa-4bbb-8bbb-000000000003',
      '11111111-aaaa-4bbb-8bbb-000000000004',
    ];
    const names = createSiteDirectory(ids.map((id) => entryOf(cloudIdOf(id)))).sites.map(({ name }) => name);

    expect(names).toEqual(['11111111', '11111111aaaa', '11111111aaaa4bbb', '11111111aaaa4bbb8bbb']);
  });

  it('counts the digits of a site with an alias as taken, for calls accept them', () => {
    const later = cloudIdOf('11111111-cccc-4aaa-8aaa-000000000001');
    const { sites, find } = createSiteDirectory([eng, entryOf(later)]);

    expect(at(sites, 1).name).toBe('11111111cccc');
    expect(find('11111111')).toBe(sites[0]);
  });

  it('refuses digits that several sites begin with and none has as its name', () => {
    const ids = ['11111111-aaaa-4aaa-8aaa-000000000001', '11111111-aaaa-4bbb-8bbb-000000000003'];
    const { find } = createSiteDirectory(ids.map((id) => entryOf(cloudIdOf(id))));

    expect(find('11111111aaaa4')).toBeUndefined();
    expect(find('11111111aaaa4a')?.cloudId).toBe(ids[0]);
  });

  it('never changes a name when a later site is added (I11)', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const names = createSiteDirectory(list).sites.map(({ name }) => name);
        for (let count = 1; count <= list.length; count += 1) {
          const fewer = createSiteDirectory(list.slice(0, count)).sites.map(({ name }) => name);
          expect(fewer).toEqual(names.slice(0, count));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('never changes a name when a site is removed that collides with none (I11)', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, seed) => {
        const removed = at(list, seed % list.length);
        const collides = list.some(
          (each) => each !== removed && each.cloudId.slice(0, 8) === removed.cloudId.slice(0, 8),
        );
        fc.pre(!collides);
        const nameOf = new Map(createSiteDirectory(list).sites.map(({ cloudId, name }) => [cloudId, name]));
        for (const site of createSiteDirectory(list.filter((each) => each !== removed)).sites) {
          expect(site.name).toBe(nameOf.get(site.cloudId));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives every site a name of its own that finds it', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const { sites, find } = createSiteDirectory(list);
        expect(new Set(sites.map(({ name }) => name)).size).toBe(list.length);
        for (const site of sites) expect(find(site.name)).toBe(site);
      }),
      { numRuns: 200 },
    );
  });

  it('still finds a site by its longer name after the site that had the shorter one is gone', () => {
    const later = cloudIdOf('11111111-cccc-4aaa-8aaa-000000000001');
    const before = createSiteDirectory([entryOf(ALPHA), entryOf(later)]);
    const after = createSiteDirectory([entryOf(later)]);

    expect(after.find(at(before.sites, 1).name)).toBe(after.sites[0]);
  });
});
