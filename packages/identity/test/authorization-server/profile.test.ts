import { describe, expect, test } from 'vitest';

import { personIdOf } from '../../src/authorization-server/people.ts';
import { readProfile } from '../../src/authorization-server/profile.ts';

const BASE = { iss: 'https://login.acme.example', sub: 'alice-1' };
const ENTRA = 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0';

function profileOf(claims: Record<string, unknown>) {
  const read = readProfile({ ...BASE, ...claims }, {});
  if (!read.ok) throw new Error(read.problem);
  return read;
}

describe('who somebody is', () => {
  test.each([
    ['issuer and subject', {}, [BASE.iss, 'alice-1']],
    [
      'the subject alone, wherever tid and oid are not the word of Entra',
      { tid: 't', oid: 'o' },
      [BASE.iss, 'alice-1'],
    ],
    [
      'tenant and object at Entra, whose subject differs by application',
      { iss: ENTRA, tid: 't', oid: 'o' },
      [ENTRA, 't|o'],
    ],
  ])('%s', (_what, claims, [issuer, subject]) => {
    expect(profileOf(claims).profile).toMatchObject({ issuer, subject });
  });

  test('two issuers never share a person, wherever the border between the words is', () => {
    expect(personIdOf('https://a.example', 'x')).not.toBe(personIdOf('https://a.examplex', ''));
    expect(personIdOf('https://a.example', 'x')).not.toBe(personIdOf('https://b.example', 'x'));
  });

  test.each([[{ sub: '' }], [{ sub: 1 }], [{ sub: null }], [{ iss: undefined }]])(
    '%j says nobody',
    (claims) => {
      expect(readProfile({ ...BASE, ...claims }, {})).toEqual({ ok: false, problem: 'no_subject' });
    },
  );

  test.each([[{}], [{ hd: 'evil.example' }], [{ hd: ['acme.example'] }]])(
    '%j lacks the claim that is required',
    (claims) => {
      const rules = { requiredClaims: { hd: 'acme.example' } };
      expect(readProfile({ ...BASE, ...claims }, rules)).toEqual({ ok: false, problem: 'claim_required' });
    },
  );
});

describe('an e-mail address counts when the provider vouches for it', () => {
  test.each([
    [{ email: 'Alice@Acme.example', email_verified: true }],
    [{ email: 'alice@acme.example', xms_edov: true }],
    [{ email: 'alice@acme.example', xms_edov: '1' }],
  ])('%j', (claims) => {
    expect(profileOf(claims).profile.email).toBe('alice@acme.example');
  });

  test.each([
    [{ email: 'alice@acme.example' }],
    [{ email: 'alice@acme.example', email_verified: false }],
    [{ email: 'alice@acme.example', email_verified: 'true' }],
    [{ email: 'alice@acme.example', xms_edov: 'false' }],
    [{ email: 'mallory@evil.example@acme.example', email_verified: true }],
    [{ email: 'alice @acme.example', email_verified: true }],
    [{ email: ['alice@acme.example'], email_verified: true }],
    [{ email: `${'a'.repeat(300)}@acme.example`, email_verified: true }],
    [{ preferred_username: 'alice@acme.example', upn: 'alice@acme.example', email_verified: true }],
  ])('%j is none', (claims) => {
    expect(profileOf(claims).profile).not.toHaveProperty('email');
  });
});

describe('groups that are not said are not known (I12)', () => {
  test('a list is taken as it is, each name once', () => {
    expect(profileOf({ groups: ['eng', 'eng', 'ops'] }).profile.groups).toEqual(['eng', 'ops']);
    expect(profileOf({ groups: [] }).profile.groups).toEqual([]);
  });

  test.each([
    ['absent', {}],
    [
      'overage',
      { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } },
    ],
    ['overage', { hasgroups: true }],
    ['malformed', { groups: 'eng' }],
    ['malformed', { groups: ['eng', 1] }],
    ['malformed', { groups: ['eng', ''] }],
    ['malformed', { groups: { 0: 'eng' } }],
    ['malformed', { groups: Array.from({ length: 2_001 }, (_each, index) => `g${index}`) }],
  ])('%s: %#', (notice, claims) => {
    const { profile, groupsNotice } = profileOf(claims);
    expect(profile).not.toHaveProperty('groups');
    expect(groupsNotice).toBe(notice);
  });
});
