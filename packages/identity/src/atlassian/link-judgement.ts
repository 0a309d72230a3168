import { type Credential, looksUnderScoped } from '@switchyard/catalogue';

import type { Verification } from '../inbound/auth-outcome.ts';
import type { LinkedAccount } from '../vault/link-record.ts';
import type { LinkErrorCode } from './link-error.ts';

/** The site that is being linked. */
export interface SiteToLink {
  readonly cloudId: string;
  readonly endpoint: string;
}

/** Who links, and in which browser. `email` is the one that the company's identity provider has verified. */
export interface LinkingPerson {
  readonly id: string;
  readonly email?: string;
  /** A random word that only this browser has. */
  readonly browser: string;
}

/**
 * Why nothing was linked. `wrong_site`: the credential opens other sites (`cloudIds`); `other_account`: it belongs to
 * somebody else; `under_scoped`: it opens the site and nothing in it; `unverified`: the site could not be asked;
 * `malformed`: it cannot be such a credential; the rest is what verification or the authorization server said.
 */
export type LinkProblem =
  | LinkErrorCode
  | Extract<Verification, { kind: 'refused' }>['reason']
  | 'wrong_site'
  | 'other_account'
  | 'under_scoped'
  | 'unverified'
  | 'malformed'
  | 'expired'
  | 'no_such_site';

/** Whose the credential is, or why it is not linked. `cloudIds`, with `wrong_site`: what it opens instead. */
export type LinkJudgement =
  | { readonly account: LinkedAccount }
  | { readonly problem: LinkProblem; readonly cloudIds?: readonly string[] };

/** `verify` and `listTools` are real calls to the site's endpoint; a rejection says nothing about the credential. */
export interface LinkJudgeOptions {
  readonly verify: (credential: Credential, site: SiteToLink) => Promise<Verification>;
  readonly listTools: (credential: Credential, site: SiteToLink) => Promise<readonly string[]>;
  /** Whether an account with another e-mail address than the person's may be linked. */
  readonly allowOtherAccounts: () => boolean;
}

/** Judges a credential that was given for one site by one person. */
export type LinkJudge = (
  person: LinkingPerson,
  given: { readonly site: SiteToLink; readonly credential: Credential },
) => Promise<LinkJudgement>;

export function createLinkJudge({ verify, listTools, allowOtherAccounts }: LinkJudgeOptions): LinkJudge {
  return async (person, { site, credential }) => {
    const found = await verify(credential, site).catch((): Verification => ({ kind: 'unreachable' }));
    if (found.kind === 'unreachable') return { problem: 'unverified' };
    if (found.kind === 'refused') return { problem: found.reason };
    const { cloudIds, accountId, email, displayName } = found;
    if (!cloudIds.includes(site.cloudId)) return { problem: 'wrong_site', cloudIds };
    if (differ(person.email, email) && !allowOtherAccounts()) return { problem: 'other_account' };
    const tools = await listTools(credential, site).catch(() => undefined);
    if (!tools) return { problem: 'unverified' };
    if (looksUnderScoped(tools)) return { problem: 'under_scoped' };
    return {
      account: {
        ...(accountId !== undefined && { accountId }),
        ...(email !== undefined && { email }),
        ...(displayName !== undefined && { displayName }),
      },
    };
  };
}

/** Two addresses that are both known and are not the same. */
export function differ(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.trim().toLowerCase() !== other.trim().toLowerCase();
}
