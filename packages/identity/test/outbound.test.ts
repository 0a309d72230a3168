import { type Caller, type CloudId, Secret } from '@switchyard/catalogue';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  createOutbound,
  IdentityError,
  type OutboundSite,
  parseAuthorization,
  serviceCredential,
  type SiteLink,
} from '../src/index.ts';
import { basic } from './headers.ts';
import { CREDENTIAL_KEY, createFixture, identified, verifyWith } from './inbound-fixture.ts';

function siteOf(cloudId: string, identity: 'personal' | 'shared'): OutboundSite {
  const site = { cloudId: cloudId as CloudId, identity, title: cloudId };
  if (identity === 'personal') return { site };
  return { site, credential: serviceCredential({ serviceAccountKey: `key-of-${cloudId}` }, CREDENTIAL_KEY) };
}

function identityOf(
  name: string,
  cloudIds: readonly string[],
): Parameters<ReturnType<typeof createOutbound>['open']>[0] {
  const caller: Caller = { id: name, method: 'basic', groups: [], cloudIds: new Set(cloudIds) };
  const account = { email: `${name}@acme.example`, apiToken: `token-of-${name}` };
  return { caller, credential: serviceCredential(account, CREDENTIAL_KEY), links: new Map() };
}

function expected(at: {
  kind: string | undefined;
  caller: number;
  cloudId: string;
  reaches: boolean;
}): string {
  if (at.kind === undefined) return 'unknown_site';
  if (at.kind === 'shared') return `Bearer key-of-${at.cloudId}`;
  return at.reaches
    ? basic(`caller-${at.caller}@acme.example:token-of-caller-${at.caller}`)
    : 'not_connected';
}

function linkOf(name: string): SiteLink {
  const credential = serviceCredential({ serviceAccountKey: `link-${name}` }, CREDENTIAL_KEY);
  return { kind: 'oauth', credential };
}

describe('createOutbound', () => {
  const outbound = createOutbound({
    sites: [siteOf('eng', 'personal'), siteOf('ops', 'personal'), siteOf('wiki', 'shared')],
  });

  it.each([
    ['a site that is not configured', 'elsewhere', 'unknown_site'],
    ['a site of the caller that is not configured', 'home', 'unknown_site'],
    ['a personal site out of the caller’s reach', 'ops', 'not_connected'],
  ])('has no credential for %s', (_name, cloudId, reason) => {
    expect(outbound.open(identityOf('alice', ['eng', 'home']), cloudId)).toEqual({ ok: false, reason });
  });

  it('opens a personal site with the caller’s own credential', () => {
    const alice = identityOf('alice', ['eng']);

    expect(outbound.open(alice, 'eng')).toEqual({
      ok: true,
      owner: 'caller',
      credentials: [alice.credential],
    });
  });

  it('opens a shared site with the service account, also for a caller whose account reaches it', () => {
    const opening = outbound.open(identityOf('alice', ['wiki']), 'wiki');

    expect(opening).toMatchObject({ ok: true, owner: 'site' });
    expect(opening.ok && opening.credentials[0].authorization.reveal()).toBe('Bearer key-of-wiki');
  });

  it('opens what an authenticated caller reaches', async () => {
    const who = identified(
      await verifyWith(createFixture(), basic('a@acme.example:token'), {
        kind: 'verified',
        cloudIds: ['ENG'],
      }),
    );

    const opening = outbound.open(who, 'eng');

    expect(opening.ok && opening.credentials[0]).toBe(who.credential);
  });

  describe('for a person who links sites one by one', () => {
    const [oauth, token] = [linkOf('oauth'), linkOf('token')];
    const caller: Caller = { id: 'ann', method: 'oauth', groups: [], cloudIds: new Set() };
    const person = { caller, links: new Map([['eng', [oauth, token]]]) };

    it('has no credential for a personal site that is not linked', () => {
      expect(outbound.open(person, 'ops')).toEqual({ ok: false, reason: 'not_connected' });
    });

    it('opens a linked site with every link of that site', () => {
      expect(outbound.open(person, 'eng')).toEqual({
        ok: true,
        owner: 'caller',
        credentials: [oauth.credential, token.credential],
      });
    });

    it('opens a shared site with the service account', () => {
      expect(outbound.open(person, 'wiki')).toMatchObject({ ok: true, owner: 'site' });
    });
  });

  it.each([
    ['a site twice', [siteOf('eng', 'personal'), siteOf('eng', 'shared')]],
    ['a shared site without a credential', [{ site: siteOf('wiki', 'shared').site }]],
    [
      'a personal site with a credential',
      [{ ...siteOf('wiki', 'shared'), site: siteOf('wiki', 'personal').site }],
    ],
  ] as [string, OutboundSite[]][])('refuses %s', (_name, sites) => {
    expect(() => createOutbound({ sites })).toThrow(IdentityError);
  });

  it('never uses a credential of another caller or another site (I1)', () => {
    const ids = Array.from({ length: 8 }, (_, index) => `site-${index}`);
    const identities = fc.array(fc.constantFrom('personal', 'shared'), { minLength: 1, maxLength: 6 });
    const reach = fc.array(fc.subarray(ids), { minLength: 1, maxLength: 5 });

    fc.assert(
      fc.property(identities, reach, (kinds, reaches) => {
        const sites = kinds.map((identity, index) => siteOf(ids[index] ?? '', identity));
        const outbound = createOutbound({ sites });
        for (const [caller, cloudIds] of reaches.entries()) {
          for (const [index, cloudId] of ids.entries()) {
            const opening = outbound.open(identityOf(`caller-${caller}`, cloudIds), cloudId);
            const text = opening.ok ? opening.credentials[0].authorization.reveal() : opening.reason;
            expect(text).toBe(
              expected({ kind: kinds[index], caller, cloudId, reaches: cloudIds.includes(cloudId) }),
            );
          }
        }
      }),
    );
  });
});

function idOf(key: string, fill: number): string {
  return serviceCredential({ serviceAccountKey: key }, new Uint8Array(32).fill(fill)).id;
}

describe('serviceCredential', () => {
  it.each([
    ['an empty key', { serviceAccountKey: '' }, 'empty'],
    ['the newline of a secret file', { serviceAccountKey: 'canary-key\n' }, 'newline'],
    ['a space in the key', { serviceAccountKey: 'canary key' }, 'space'],
    ['two keys', { serviceAccountKey: 'canary,key' }, 'malformed'],
    ['an OAuth token', { serviceAccountKey: 'canary.canary.canary' }, 'OAuth'],
    ['an endless key', { serviceAccountKey: 'canary'.repeat(1000) }, 'longer'],
    ['an empty token', { email: 'bot@acme.example', apiToken: '' }, 'empty'],
    ['the newline of a token file', { email: 'bot@acme.example', apiToken: 'canary\n' }, 'newline'],
    ['a space in the token', { email: 'bot@acme.example', apiToken: 'canary token' }, 'invisible'],
    ['no e-mail address', { email: 'bot', apiToken: 'canary' }, 'e-mail'],
    ['a colon in the e-mail address', { email: 'bot@acme.example:x', apiToken: 'canary' }, 'e-mail'],
  ])('refuses %s, says why and quotes no secret (I5)', (_name, account, words) => {
    const build = (): unknown => serviceCredential(account, CREDENTIAL_KEY);

    expect(build).toThrow(IdentityError);
    expect(build).toThrow(words);
    expect(build).not.toThrow(/canary/);
  });

  it.each([
    [{ serviceAccountKey: 'sa-key' }, 'bearer', 'Bearer sa-key'],
    [{ serviceAccountKey: new Secret('sa-key') }, 'bearer', 'Bearer sa-key'],
    [{ email: 'bot@acme.example', apiToken: 'token' }, 'basic', basic('bot@acme.example:token')],
    [{ email: 'bot@acme.example', apiToken: new Secret('token') }, 'basic', basic('bot@acme.example:token')],
  ])('builds the header for %o', (account, kind, header) => {
    const credential = serviceCredential(account, CREDENTIAL_KEY);

    expect(credential.kind).toBe(kind);
    expect(credential.authorization.reveal()).toBe(header);
    expect(parseAuthorization(header)).toMatchObject({ ok: true });
  });

  it('has an id that changes with the credential and with the key', () => {
    expect(idOf('one', 1)).toBe(idOf('one', 1));
    expect(new Set([idOf('one', 1), idOf('two', 1), idOf('one', 2)]).size).toBe(3);
  });
});
