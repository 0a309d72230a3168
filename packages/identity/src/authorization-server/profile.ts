import { isEmail } from '../inbound/parse-authorization.ts';
import type { GroupsNotice, SignInProblem } from './events.ts';
import type { Profile } from './people.ts';

/** What to look for in the claims of an identity provider. */
export interface ProfileRules {
  readonly groupsClaim?: string;
  readonly requiredClaims?: Readonly<Record<string, string>>;
}

/** Who somebody is, or why the claims do not say. */
export type ReadProfile =
  | { readonly ok: true; readonly profile: Profile; readonly groupsNotice: GroupsNotice | undefined }
  | { readonly ok: false; readonly problem: Extract<SignInProblem, 'no_subject' | 'claim_required'> };

type Claims = Readonly<Record<string, unknown>>;

const MAX_GROUPS = 2_000;
const MAX_TEXT = 300;
const ENTRA = /^https:\/\/login\.microsoftonline\.(?:com|us)\//;

/** Reads verified claims. What a provider does not say, or says in an unexpected form, counts as not said (I12). */
export function readProfile(
  claims: Claims,
  { groupsClaim = 'groups', requiredClaims = {} }: ProfileRules,
): ReadProfile {
  const who = identityOf(claims);
  if (!who) return { ok: false, problem: 'no_subject' };
  const lacks = Object.entries(requiredClaims).some(([name, value]) => claims[name] !== value);
  if (lacks) return { ok: false, problem: 'claim_required' };
  const email = verifiedEmail(claims);
  const name = shortText(claims['name']);
  const groups = readGroups(claims, groupsClaim);
  return {
    ok: true,
    groupsNotice: typeof groups === 'string' ? groups : undefined,
    profile: {
      ...who,
      ...(email !== undefined && { email }),
      ...(name !== undefined && { name }),
      ...(typeof groups === 'object' && { groups }),
    },
  };
}

/** Entra's `sub` differs from application to application; its `oid` within a tenant does not. */
function identityOf({ iss, sub, tid, oid }: Claims): Pick<Profile, 'issuer' | 'subject'> | undefined {
  if (typeof iss !== 'string' || typeof sub !== 'string' || sub === '') return undefined;
  const entra = ENTRA.test(iss) && typeof tid === 'string' && typeof oid === 'string' && oid !== '';
  return entra ? { issuer: iss, subject: `${tid}|${oid}` } : { issuer: iss, subject: sub };
}

/** An address that anybody may enter for themselves would open other people's doors. Entra says `xms_edov` instead. */
function verifiedEmail({
  email,
  email_verified: verified,
  xms_edov: entraVerified,
}: Claims): string | undefined {
  const vouched = verified === true || isTrue(entraVerified);
  return vouched && typeof email === 'string' && email.length <= MAX_TEXT && isEmail(email)
    ? email.toLowerCase()
    : undefined;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'true';
}

function readGroups(claims: Claims, name: string): readonly string[] | GroupsNotice {
  const said = claims[name];
  const elsewhere = claims['_claim_names'];
  // Entra leaves the list out when it is long and says where it could be asked for.
  const overage = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, name);
  if (said === undefined) return overage || claims['hasgroups'] === true ? 'overage' : 'absent';
  if (!Array.isArray(said) || said.length > MAX_GROUPS) return 'malformed';
  return said.every((group) => typeof group === 'string' && group !== '' && group.length <= MAX_TEXT)
    ? [...new Set(said as string[])]
    : 'malformed';
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
}
