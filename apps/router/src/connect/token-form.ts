import type { Linking, LinkOutcome } from '@switchyard/identity';

import { connectName } from '../gateway/missing-link.ts';
import type { AttemptLimit } from './attempt-limit.ts';
import { type LinkPolicy, methodsOf } from './connect-sites.ts';
import { field } from './form-guard.ts';
import type { LinkDesk } from './link-desk.ts';
import { linkingPerson } from './linking-person.ts';
import { sendHome, type Visit } from './page-replies.ts';

export interface TokenFormOptions {
  readonly linking: Linking;
  readonly policy: LinkPolicy;
  readonly desk: LinkDesk;
  readonly mayTry: AttemptLimit;
}

/** Linking by an API token that the person pastes. */
export function createTokenForm({
  linking,
  policy,
  desk,
  mayTry,
}: TokenFormOptions): (visit: Visit) => Promise<void> {
  return async (visit) => {
    const { req, res, person } = visit;
    const site = desk.siteOf(visit);
    if (!site) return;
    if (!methodsOf(policy, site).token) return desk.showSite(visit, site);
    const email = field(req, 'email');
    const refuse = (
      refused: Pick<Extract<LinkOutcome, { ok: false }>, 'cloudIds'> & { problem: Problem },
    ): void =>
      desk.showSite(visit, site, {
        ...desk.explain(person, { kind: 'token', cloudId: site.cloudId, ...refused }),
        email,
      });
    if (!mayTry(person.personId)) return refuse({ problem: 'too_many_attempts' });
    const expires = endOfDay(field(req, 'expires'));
    const pasted = {
      email,
      apiToken: field(req, 'token'),
      ...(expires !== undefined && { expiresAt: expires }),
    };
    const outcome = await linking.linkToken(linkingPerson(person), site, pasted);
    if (outcome.ok) return sendHome(res, 'linked', connectName(site));
    refuse(outcome);
  };
}

type Problem = Parameters<LinkDesk['explain']>[1]['problem'];

const DAY_MS = 86_400_000;

/** The last moment of a day (YYYY-MM-DD, UTC) in milliseconds since 1970; undefined for none. */
function endOfDay(day: string): number | undefined {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(start) ? undefined : start + DAY_MS - 1;
}
