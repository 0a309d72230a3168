// What the identity provider says of a person.
import type { JsonObject } from '../json-value.ts';
import type { IdentityProviderSettings, Person } from './identity-provider-options.ts';

/** Claims beyond those of OpenID Connect: Google's, Entra's. */
const MORE_CLAIMS = ['hd', 'tid', 'oid', 'preferred_username', 'upn', 'xms_edov'];

/** Claims by the scope that asks for them. Groups come unasked, as from Entra. */
export const CLAIMS_BY_SCOPE: Readonly<Record<string, string[]>> = {
  openid: ['sub', 'groups', ...MORE_CLAIMS],
  email: ['email', 'email_verified'],
  profile: ['name'],
  groups: ['groups'],
};

/** All claims of a person, before they are filtered by scope. */
export function claimsOf(
  person: Person,
  settings: Readonly<IdentityProviderSettings>,
): JsonObject & { readonly sub: string } {
  const { sub, email, name } = person;
  return {
    ...person.claims,
    sub,
    name,
    ...(email === undefined ? {} : { email, ...emailVerifiedOf(person, settings) }),
    ...(settings.hd === null ? {} : { hd: settings.hd }),
    ...groupsOf(person, settings),
  };
}

function emailVerifiedOf(
  { emailVerified = true }: Person,
  settings: Readonly<IdentityProviderSettings>,
): JsonObject {
  if (settings.emailVerified === 'omitted') return {};
  return { email_verified: settings.emailVerified === 'own' && emailVerified };
}

function groupsOf({ groups, sub }: Person, settings: Readonly<IdentityProviderSettings>): JsonObject {
  if (settings.groups === 'overage') {
    return {
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: `https://graph.example/users/${sub}/getMemberObjects` } },
    };
  }
  return settings.groups === 'omitted' || groups === undefined ? {} : { groups };
}
