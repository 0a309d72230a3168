import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { createView, looksUnderScoped, mayUse, Secret, type SiteEntry, sitesFor } from '../src/index.ts';
import { ALPHA, callerOf, estateOf } from './fixture.ts';

const reaches = { cloudIds: new Set([ALPHA]) };

describe('mayUse', () => {
  it.each<[string, Partial<SiteEntry>, Parameters<typeof callerOf>[0], boolean]>([
    ['a personal site that the account does not reach', {}, {}, false],
    ['a personal site that it reaches', {}, reaches, true],
    ['a personal site that allows it but that it does not reach', { allow: ['*'] }, {}, false],
    ['a personal site with an empty allow', { allow: [] }, reaches, false],
    ['a personal site that allows somebody else', { allow: ['bob@acme.example'] }, reaches, false],
    ['a shared site without allow', { identity: 'shared' }, reaches, false],
    ['a shared site with an empty allow', { identity: 'shared', allow: [] }, reaches, false],
    ['a shared site for everybody', { identity: 'shared', allow: ['*'] }, {}, true],
    ['a group of others', { identity: 'shared', allow: ['group:eng'] }, { groups: ['ops'] }, false],
    ['a group', { identity: 'shared', allow: ['group:eng'] }, { groups: ['ops', 'eng'] }, true],
    ['a group whose name is a star', { identity: 'shared', allow: ['group:*'] }, { groups: ['eng'] }, false],
    ['a group that looks like a rule', { identity: 'shared', allow: ['eng'] }, { groups: ['eng'] }, false],
  ])('%s', (_, rules, caller, expected) => {
    expect(mayUse(callerOf(caller), estateOf(rules).site)).toBe(expected);
  });

  it.each([
    ['*@acme.example', 'alice@acme.example', true],
    ['*@acme.example', 'Alice@ACME.example', true],
    ['alice@acme.example', 'alice@acme.example', true],
    ['a?ice@acme.example', 'alice@acme.example', true],
    ['*@acme.example', undefined, false],
    ['*@acme.example', 'eve@evil.example@acme.example', false],
    ['*@acme.example', '@eve@acme.example', false],
    ['*@acme.example', 'eve@acme.example.evil.example', false],
    ['*@acme.example', 'eve@acmeXexample', false],
    ['*@acme.example', 'eve@sub.acme.example', false],
    ['*acme.example', 'eve@evilacme.example', false],
    ['group:*@acme.example', 'eve@acme.example', false],
    ['alice@acme.example', 'malice@acme.example', false],
  ])('an allow of %s and the address %s', (allow, email, expected) => {
    const { site } = estateOf({ identity: 'shared', allow: [allow] });

    expect(mayUse(callerOf(email === undefined ? {} : { email }), site)).toBe(expected);
  });
});

describe('a view', () => {
  it('gives a caller the sites that are theirs, in the order of the file', () => {
    const { view, site } = estateOf();

    expect(sitesFor(view, callerOf())).toEqual([]);
    expect(sitesFor(view, callerOf(reaches))).toEqual([site]);
  });

  it('has no policy for a site that is not in it', () => {
    const { site, other } = estateOf();
    const view = createView({ id: 'one', sites: [site], single: true, layers: [] });

    expect(() => view.policyFor(callerOf(), other)).toThrow('site ops is not in view one');
  });
});

describe('looksUnderScoped', () => {
  it.each<[readonly string[], boolean]>([
    [[], true],
    [['atlassianUserInfo', 'getAccessibleAtlassianResources'], true],
    [['getTeamworkGraphContext', 'getTeamworkGraphObject', 'addTeamworkGraphContext'], true],
    [['atlassianUserInfo', 'getJiraIssue'], false],
    [['discover'], false],
    [['atlassianUserInfoX'], false],
  ])('%j', (names, expected) => {
    expect(looksUnderScoped(names)).toBe(expected);
  });
});

describe('a secret', () => {
  const secret = new Secret('hunter2');
  const holder = { authorization: secret, nested: [secret] };

  it.each<[string, () => string]>([
    ['String()', () => String(secret)],
    ['a template', () => `x${secret.toString()}`],
    ['concatenation', () => ['x', secret].join('')],
    ['JSON', () => JSON.stringify(holder)],
    ['inspect', () => inspect(holder, { depth: 9, showHidden: true })],
    ['inspect of itself', () => inspect(secret, { customInspect: true })],
    ['an error cause', () => inspect(new Error('no', { cause: holder }))],
    ['its keys', () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
    ['a thrown one', () => inspect(Object.assign(new Error('no'), { secret }))],
  ])('is not printed by %s (I5)', (_, print) => {
    expect(print()).not.toContain('hunter2');
  });

  it('is told to who asks for it by name', () => {
    expect(secret.reveal()).toBe('hunter2');
  });
});
