import { type Caller, type Credential, type Picks, Secret } from '@switchyard/catalogue';
import {
  IdentityError,
  type Identified,
  type LinkedSite,
  type OwnVerdict,
  type Person,
  type SiteLink,
  type TokenVerdict,
  type VerifiedToken,
} from '@switchyard/identity';

import type { EnrolledCaller, EnrolledCallers } from './enrolled-callers.ts';

/** Where tokens and links are looked up. Each may reject with `IdentityError` `state_unavailable`. */
export interface OwnCallersPorts {
  readonly enrolled: EnrolledCallers;
  /** Undefined without OAuth. */
  readonly signIn: () => SignInPorts | undefined;
}

/** What OAuth adds. */
export interface SignInPorts {
  readonly verify: (token: string, resource: string) => Promise<TokenVerdict>;
  readonly linksOf: (personId: string) => Promise<readonly LinkedSite[]>;
  /** Whom a client that comes by itself is: the id of an enrolled token. */
  readonly tokenOfClient: (clientId: string) => string | undefined;
}

const ENROLLED = /^swy_pat_/;
const WRITE_SCOPE = 'atl:write';
const BAD: OwnVerdict = { ok: false };

/** Turns a token of Switchyard's own into a caller: an enrolled one, a person with its picks and links, or a client. */
export function createOwnCallers({
  enrolled,
  signIn: signInPorts,
}: OwnCallersPorts): (token: string, resource: string) => Promise<OwnVerdict> {
  return async (text, resource) => {
    if (ENROLLED.test(text)) return enrolledVerdict(await enrolled.byToken(text, new Secret(text)));
    const signIn = signInPorts();
    const verdict = await signIn?.verify(text, resource);
    if (verdict?.ok) return signIn ? verdictOf(verdict.token, { enrolled, signIn }) : BAD;
    if (verdict?.fault !== 'unavailable') return BAD;
    throw new IdentityError('state_unavailable', 'The store of grants does not answer.');
  };
}

async function verdictOf(
  token: VerifiedToken,
  { enrolled, signIn }: { enrolled: EnrolledCallers; signIn: SignInPorts },
): Promise<OwnVerdict> {
  const { person, clientId, expiresAtMs } = token;
  if (person) {
    const links = await signIn.linksOf(person.id);
    return {
      ok: true,
      identified: identifiedOf(token, person, links),
      expiresAtMs,
    };
  }
  const id = signIn.tokenOfClient(clientId);
  if (id === undefined) return BAD;
  const verdict = enrolledVerdict(await enrolled.byId(id, new Secret(`${clientId} ${id}`)));
  if (!verdict.ok) return BAD;
  const { identified } = verdict;
  const restsOn = [...(identified.restsOn ?? []), ...subjectsOf(token)];
  return {
    ok: true,
    identified: { ...identified, restsOn },
    expiresAtMs: Math.min(expiresAtMs, verdict.expiresAtMs),
  };
}

function enrolledVerdict(found: EnrolledCaller | undefined): OwnVerdict {
  if (!found) return BAD;
  const { token, identified } = found;
  return {
    ok: true,
    identified: { ...identified, restsOn: [`token:${token.id}`] },
    expiresAtMs: token.expiresAtMs,
  };
}

/** What the right of whoever brings this token rests on. */
function subjectsOf({ clientId, grantId, person }: VerifiedToken): string[] {
  const known = [
    ['connection', grantId],
    ['person', person?.id],
    ['client', clientId],
  ];
  return known.flatMap(([kind, id]) => (id === undefined ? [] : [`${kind}:${id}`]));
}

function identifiedOf(token: VerifiedToken, person: Person, links: readonly LinkedSite[]): Identified {
  const { grantId = token.clientId, clientId } = token;
  return {
    ok: true,
    caller: { ...callerOf(person), clientId, picks: picksOf(token) },
    links: linksBySite(links),
    seal: { id: `${person.id} ${grantId}`, secret: new Secret(grantId) },
    restsOn: subjectsOf(token),
  };
}

/** A person before it has picked anything. */
export function callerOf({ id, name, email, groups = [] }: Person): Caller {
  return {
    id,
    method: 'oauth',
    // A provider that did not say which groups somebody is in has not said that it is none: none opens anything (I12).
    groups,
    cloudIds: new Set(),
    ...(name !== undefined && { displayName: name }),
    ...(email !== undefined && { email }),
  };
}

/** The scope that a client asked for is a limit like the ones that the person picked. */
function picksOf({ picks, scopes }: VerifiedToken): Picks {
  return scopes.includes(WRITE_SCOPE) ? picks : { ...picks, readOnly: true };
}

/** OAuth first: it is the person's own consent, and it is renewed. */
function linksBySite(links: readonly LinkedSite[]): ReadonlyMap<string, readonly SiteLink[]> {
  const bySite = new Map<string, SiteLink[]>();
  const usable = links.filter(({ status }) => status === 'ok');
  for (const link of usable.toSorted((a, b) => a.kind.localeCompare(b.kind))) {
    const ways = bySite.get(link.cloudId) ?? [];
    ways.push({ kind: link.kind, credential: credentialOf(link) });
    bySite.set(link.cloudId, ways);
  }
  return bySite;
}

/** A link is live: what is read of it is always its newest state. */
function credentialOf(link: LinkedSite): Credential {
  const { id, kind } = link.credential;
  return {
    id,
    kind,
    get authorization() {
      return link.credential.authorization;
    },
    fresh: () => link.fresh()?.then(() => checkUsable(link)),
    refused: () => link.refused(),
  };
}

function checkUsable({ status }: LinkedSite): void {
  if (status !== 'ok') throw new IdentityError('link_unavailable', 'The link to the site has ended.');
}
