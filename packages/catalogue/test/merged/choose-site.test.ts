import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { callArguments, chooseSite, type ChosenSite } from '../../src/index.ts';
import { createSiteDirectory } from '../../src/site-directory.ts';
import { ALPHA, BETA, cloudIdOf, entryOf } from '../fixture.ts';

const GAMMA = cloudIdOf('33333333-cccc-4ccc-8ccc-000000000003');
const HIDDEN = cloudIdOf('44444444-dddd-4ddd-8ddd-000000000004');
const directory = createSiteDirectory([
  entryOf(ALPHA, { alias: 'eng', url: 'https://alpha-eng.atlassian.net' }),
  entryOf(BETA, { alias: 'ops', url: 'https://beta-ops.atlassian.net' }),
  entryOf(GAMMA, { url: 'https://gamma-labs.atlassian.net' }),
  entryOf(HIDDEN, { alias: 'hidden', url: 'https://hidden.atlassian.net' }),
]);
/** All but the last may be used by the caller. */
const sites = directory.sites.slice(0, 3);

interface Asked {
  readonly beside?: unknown;
  readonly argsText?: string;
  readonly ownsSite?: boolean;
}

function choose(args: unknown, { beside, argsText, ownsSite = false }: Asked = {}): ChosenSite {
  const text = argsText ?? JSON.stringify(args);
  return chooseSite({
    args: callArguments(JSON.parse(text) as Record<string, unknown>, text),
    beside,
    sites,
    directory,
    choices: () => sites,
    ownsSite: () => ownsSite,
  });
}

function outcome(chosen: ChosenSite): string {
  return chosen.kind === 'site' ? chosen.site.name : chosen.kind;
}

/** Every way in which arguments can say a site. */
const SPELLINGS: readonly ((site: {
  cloudId: string;
  name: string;
  host: string;
  url: string;
}) => Record<string, unknown>)[] = [
  ({ name }) => ({ site: name }),
  ({ name }) => ({ site: ` ${name.toUpperCase()} ` }),
  ({ cloudId }) => ({ site: cloudId }),
  ({ url }) => ({ site: `${url}/` }),
  ({ host }) => ({ site: host }),
  ({ name }) => ({ switchyard_site: name }),
  ({ cloudId }) => ({ cloudId }),
  ({ cloudId }) => ({ cloudId: cloudId.toUpperCase() }),
  ({ url }) => ({ cloudId: url }),
  ({ name }) => ({ CloudID: name }),
  ({ cloudId }) => ({ inputs: { deep: [{ cloudId }] } }),
  ({ cloudId }) => ({ issueIdOrKey: `ari:cloud:jira:${cloudId}:issue/1` }),
  ({ cloudId }) => ({ ids: [`ari:cloud:platform::site/${cloudId}`] }),
  ({ url }) => ({ issueIdOrKey: `${url}/browse/A-1?x=1` }),
  ({ url }) => ({ page: { link: `${url.toUpperCase()}/wiki/x` } }),
];

describe('a call without a site in its name', () => {
  it.each([
    [
      'a site that is not there',
      { site: 'nope' },
      /^Invalid arguments: site "nope" is no site .*; one of eng, ops, 33333333$/,
    ],
    [
      'a site of others, in the same words',
      { site: 'hidden' },
      /^Invalid arguments: site "hidden" is no site .*; one of eng, ops, 33333333$/,
    ],
    ['a site that is no text', { site: 7 }, /^Invalid arguments: site 7 is no site/],
    ['an unknown cloudId', { cloudId: 'nope' }, /^Invalid arguments: cloudId "nope" is no site/],
    ['a cloudId of others', { cloudId: HIDDEN }, /is no site/],
    ['two sites', { site: 'eng', switchyard_site: 'ops' }, /say two sites/],
    ['site and cloudId apart', { site: 'eng', cloudId: BETA }, /"site" says eng, other arguments say ops/],
    [
      'site and address apart',
      { site: 'eng', url: 'https://beta-ops.atlassian.net/x' },
      /says eng, other arguments say ops/,
    ],
    [
      'two addresses',
      { a: 'https://beta-ops.atlassian.net/x', b: `ari:cloud:jira:${ALPHA}:issue/1` },
      /the arguments name ops and eng/,
    ],
  ])('is refused with %s', (_, args, message) => {
    expect(choose(args)).toMatchObject({ kind: 'refused', message: expect.stringMatching(message) });
  });

  it('is refused when the site is given twice', () => {
    const argsText = '{"site":"eng","site":"ops"}';

    expect(choose(undefined, { argsText })).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('given twice'),
    });
  });

  it.each([
    ['nothing', {}],
    ['prose that mentions an address', { body: 'see https://beta-ops.atlassian.net/browse/OPS-1 please' }],
    ['an address of elsewhere', { url: 'https://example.com/browse/OPS-1' }],
    ['a site that only looks like one', { url: 'https://beta-ops.atlassian.net.evil.example/' }],
    ['an address with a user', { url: 'https://beta-ops.atlassian.net@evil.example/' }],
    ['an alias as a host', { url: 'https://ops/' }],
    ['a site of others', { id: `ari:cloud:jira:${HIDDEN}:issue/1`, url: 'https://hidden.atlassian.net/x' }],
  ])('stays open with %s', (_, args) => {
    expect(choose(args)).toMatchObject({ kind: 'open' });
  });

  it('goes to the same site however the arguments spell it', () => {
    for (const site of sites) {
      expect(SPELLINGS.map((spell) => outcome(choose(spell(site))))).toEqual(SPELLINGS.map(() => site.name));
    }
  });

  it('decides two spellings like one when they mean one site, and never when they mean two', () => {
    const pick = fc.record({ site: fc.constantFrom(...sites), spell: fc.constantFrom(...SPELLINGS) });
    fc.assert(
      fc.property(pick, pick, (one, other) => {
        const first = one.spell(one.site);
        const second = other.spell(other.site);
        fc.pre(Object.keys(first).every((key) => !Object.hasOwn(second, key)));
        const expected = one.site === other.site ? one.site.name : 'refused';
        expect(outcome(choose({ ...first, ...second }))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the other arguments to the byte', () => {
    const chosen = choose(undefined, { argsText: '{ "n":1.0,"site":"eng", "big":9007199254740993 }' });

    expect(chosen).toMatchObject({ kind: 'site', args: { text: '{"n":1.0,"big":9007199254740993}' } });
    expect(chosen).not.toHaveProperty('args.value.site');
  });

  it('leaves an argument called site to a tool that has one itself', () => {
    expect(choose({ site: 'eng' }, { ownsSite: true })).toMatchObject({
      kind: 'open',
      args: { text: '{"site":"eng"}' },
    });
    expect(choose({ site: 'x', switchyard_site: 'ops' }, { ownsSite: true })).toMatchObject({
      kind: 'site',
      site: { name: 'ops' },
      args: { text: '{"site":"x"}' },
    });
  });

  it('takes the site that stands beside its arguments', () => {
    expect(outcome(choose({}, { beside: 'ops' }))).toBe('ops');
    expect(outcome(choose({ site: 'ops' }, { beside: 'ops' }))).toBe('ops');
    expect(outcome(choose({ site: 'eng' }, { beside: 'ops' }))).toBe('refused');
    expect(outcome(choose({}, { beside: 7 }))).toBe('refused');
  });

  it('stays open with arguments that say nothing of a site', () => {
    expect(outcome(choose({ jql: 'order by created', fields: ['summary'] }))).toBe('open');
  });
});
