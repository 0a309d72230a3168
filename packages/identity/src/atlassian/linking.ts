import { type Credential, Secret } from '@switchyard/catalogue';

import { IdentityError } from '../errors.ts';
import { createKeyedHash } from '../keyed-hash.ts';
import { serviceCredential } from '../outbound/service-credential.ts';
import type { LinkedAccount, LinkSecret } from '../vault/link-record.ts';
import type { Vault } from '../vault/vault.ts';
import type { AtlassianOauth } from './atlassian-oauth.ts';
import { LinkError } from './link-error.ts';
import {
  createLinkJudge,
  differ,
  type LinkJudgement,
  type LinkJudgeOptions,
  type LinkingPerson,
  type LinkProblem,
  type SiteToLink,
} from './link-judgement.ts';

/** What a person pasted. `expiresAt`, in milliseconds since 1970, is what the person says of it. */
interface PastedToken {
  readonly email: string;
  readonly apiToken: string;
  readonly expiresAt?: number;
}

export type LinkOutcome =
  | {
      readonly ok: true;
      readonly cloudId: string;
      readonly account: LinkedAccount;
      /** What was asked for and not granted. */
      readonly missingScopes: readonly string[];
    }
  | {
      readonly ok: false;
      readonly problem: LinkProblem;
      /** The site that was to be linked, when it is known. */
      readonly cloudId?: string;
      /** With `wrong_site`: what the credential opens instead. */
      readonly cloudIds?: readonly string[];
    };

/** What linking stands on. `now` is in milliseconds since 1970. */
export interface LinkingOptions extends LinkJudgeOptions {
  readonly vault: Pick<Vault, 'put'>;
  readonly oauth: Pick<AtlassianOauth, 'begin' | 'finish' | 'revoke'>;
  /** Undefined for a site that this person may not link, or not any more. */
  readonly siteOf: (person: LinkingPerson, cloudId: string) => SiteToLink | undefined;
  readonly credentialKey: Uint8Array;
  readonly now?: () => number;
}

/** Links people's Atlassian accounts: nothing is stored before a real call has shown whose it is and what it opens. */
export interface Linking {
  /** Where to send the browser. Throws `LinkError`. */
  beginOauth(person: LinkingPerson, site: SiteToLink): Promise<string>;
  /** Takes the parameters of the callback. */
  finishOauth(person: LinkingPerson, answer: URLSearchParams): Promise<LinkOutcome>;
  linkToken(person: LinkingPerson, site: SiteToLink, token: PastedToken): Promise<LinkOutcome>;
}

/** Throws `IdentityError` `invalid_option` for a short key. Rejections are the state's. */
export function createLinking(options: LinkingOptions): Linking {
  const { vault, oauth, siteOf, now = Date.now } = options;
  const hash = createKeyedHash(options.credentialKey);
  const judge = createLinkJudge(options);

  async function finishOauth(person: LinkingPerson, answer: URLSearchParams): Promise<LinkOutcome> {
    const given = await oauth.finish(answer, boundTo(person)).catch(asProblem);
    if ('problem' in given) return { ok: false, ...given };
    const { cloudId, grant, missingScopes } = given;
    const site = siteOf(person, cloudId);
    const authorization = new Secret(`Bearer ${grant.accessToken}`);
    const id = hash('credential', authorization.reveal());
    const judgement: LinkJudgement = site
      ? await judge(person, { site, credential: { id, kind: 'bearer', authorization } })
      : { problem: 'no_such_site' };
    if ('problem' in judgement) {
      // A grant that is not kept must not live on where nobody sees it.
      oauth.revoke(grant).catch(() => undefined);
      return { ok: false, cloudId, ...judgement };
    }
    const { account } = judgement;
    await vault.put(person.id, { cloudId, account, scopes: grant.scopes, secret: { kind: 'oauth', grant } });
    return { ok: true, cloudId, account, missingScopes };
  }

  async function linkToken(
    person: LinkingPerson,
    site: SiteToLink,
    { email, apiToken, expiresAt }: PastedToken,
  ): Promise<LinkOutcome> {
    const { cloudId } = site;
    if (expiresAt !== undefined && expiresAt <= now()) return { ok: false, cloudId, problem: 'expired' };
    const credential = credentialOf(
      { email: email.trim(), apiToken: apiToken.trim() },
      options.credentialKey,
    );
    if (!credential) return { ok: false, cloudId, problem: 'malformed' };
    // Before anybody is asked: nobody shall try tokens of others through here.
    if (differ(person.email, email) && !options.allowOtherAccounts())
      return { ok: false, cloudId, problem: 'other_account' };
    const judgement = await judge(person, { site, credential });
    if ('problem' in judgement) return { ok: false, cloudId, ...judgement };
    const { account } = judgement;
    if (differ(email, account.email)) return { ok: false, cloudId, problem: 'other_account' };
    const authorization = credential.authorization.reveal();
    const secret: LinkSecret = {
      kind: 'token',
      authorization,
      ...(expiresAt !== undefined && { expiresAt }),
    };
    await vault.put(person.id, { cloudId, account, secret });
    return { ok: true, cloudId, account, missingScopes: [] };
  }

  return {
    beginOauth: (person, { endpoint, cloudId }) => oauth.begin({ endpoint, cloudId, bound: boundTo(person) }),
    finishOauth,
    linkToken,
  };
}

function boundTo({ id, browser }: LinkingPerson): readonly string[] {
  return [id, browser];
}

function credentialOf(
  account: { readonly email: string; readonly apiToken: string },
  credentialKey: Uint8Array,
): Credential | undefined {
  try {
    return serviceCredential(account, credentialKey);
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}

function asProblem(error: unknown): { problem: LinkProblem } {
  if (error instanceof LinkError) return { problem: error.code };
  throw error;
}
