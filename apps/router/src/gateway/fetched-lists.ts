import { createHash } from 'node:crypto';

import type { Caller, SitePolicy, ToolIndex, View } from '@switchyard/catalogue';
import type { Identified } from '@switchyard/identity';
import type { StoredToolList } from '@switchyard/tool-cache';
import { LRUCache } from 'lru-cache';

import { type Opening, waysOf } from './runtime.ts';
import type { SiteLists } from './site-lists.ts';

/** What opens a site, as far as an explanation tells it. */
type CredentialKind = 'api-token' | 'oauth' | 'service-account';

/** A caller who was here lately. Holds no credential, only the hashes that its lists are kept under. */
export interface SeenCaller {
  readonly caller: Caller;
  readonly sites: ReadonlyMap<
    string,
    { readonly credentialIds: readonly string[]; readonly kind: CredentialKind }
  >;
}

/** What a client got of one site, and when. */
interface FetchedList {
  readonly at: number;
  /** Of the tools that it was shown; undefined when the site had none to show. */
  readonly digest: string | undefined;
}

/** Whose request it was, and what it was answered from. */
interface Fetch {
  readonly identified: Identified;
  readonly view: View;
  readonly openings: readonly Opening[];
  /** Of the answer: equal ones were made of the same lists. */
  readonly key: string;
}

/** What a client got on one URL. */
interface ViewFetch {
  readonly key: string;
  at: number;
  readonly digests: ReadonlyMap<string, string | undefined>;
}

/** Remembers which tools each caller was shown last on each URL, so that an old list in a client can be told. */
interface FetchedLists {
  note(fetch: Fetch): void;
  last(caller: Caller, view: View, cloudId: string): FetchedList | undefined;
  /** What a client would get now. */
  digest(policy: SitePolicy, lists: readonly StoredToolList[]): string | undefined;
  /** By id or verified e-mail address. */
  find(name: string): SeenCaller | undefined;
}

const MAX_CALLERS = 10_000;
const MAX_VIEWS = 20;
const MAX_DIGESTS = 1_000;
const KEPT_MS = 86_400_000;
/** How exactly that is kept: clocks cost more than the rest of a look-up. */
const CLOCK_MS = 60_000;

interface Row {
  readonly seen: SeenCaller;
  /** The last that `seen` learned from. */
  readonly from: WeakRef<readonly Opening[]>;
  readonly byView: LRUCache<string, ViewFetch>;
}

export function createFetchedLists(
  lists: Pick<SiteLists, 'peek' | 'index'>,
  now: () => number = Date.now,
): FetchedLists {
  const rows = new LRUCache<string, Row>({ max: MAX_CALLERS, ttl: KEPT_MS, ttlResolution: CLOCK_MS });
  const digests = new LRUCache<string, string>({ max: MAX_DIGESTS });

  function digest(policy: SitePolicy, known: readonly StoredToolList[]): string | undefined {
    if (known.length === 0) return undefined;
    const of = known.map(({ hash }) => hash).join(' ');
    const key = `${policy.id} ${of}`;
    const before = digests.get(key);
    if (before !== undefined) return before;
    const fresh = hashOf([of, ...known.flatMap((list) => shownNames(policy, lists.index(list)))]);
    digests.set(key, fresh);
    return fresh;
  }

  function digestsOf(openings: readonly Opening[]): ViewFetch['digests'] {
    return new Map(
      openings.map((each) => {
        const known = waysOf(each).flatMap(({ request }) => lists.peek(request.key) ?? []);
        return [each.site.cloudId, digest(each.policy, known)];
      }),
    );
  }

  return {
    digest,
    note({ identified, view, openings, key }) {
      const { caller } = identified;
      const before = rows.get(caller.id);
      const row = before?.from.deref() === openings ? before : seenAt(before, identified, openings);
      const fetched = row.byView.get(view.id);
      // Most clients ask again for what they have.
      if (fetched?.key === key) fetched.at = now();
      else row.byView.set(view.id, { key, at: now(), digests: digestsOf(openings) });
      rows.set(caller.id, row);
    },
    last(caller, view, cloudId) {
      const fetched = rows.get(caller.id)?.byView.get(view.id);
      if (!fetched?.digests.has(cloudId)) return undefined;
      return { at: fetched.at, digest: fetched.digests.get(cloudId) };
    },
    find(name) {
      const byId = rows.get(name)?.seen;
      if (byId) return byId;
      const email = name.toLowerCase();
      for (const row of rows.values()) if (row.seen.caller.email === email) return row.seen;
      return undefined;
    },
  };
}

function seenAt(before: Row | undefined, identified: Identified, openings: readonly Opening[]): Row {
  const sites = openings.flatMap((each) => siteRow(identified, each));
  return {
    seen: { caller: identified.caller, sites: new Map([...(before?.seen.sites ?? []), ...sites]) },
    from: new WeakRef(openings),
    byView: before?.byView ?? new LRUCache({ max: MAX_VIEWS }),
  };
}

function shownNames(policy: SitePolicy, index: ToolIndex): string[] {
  return index.entries.filter(({ name }) => policy.shows(name)).map(({ name }) => name);
}

function hashOf(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('base64url');
}

type SiteRow = [string, { readonly credentialIds: readonly string[]; readonly kind: CredentialKind }];

function siteRow(identified: Identified, opening: Opening): SiteRow[] {
  const kind = credentialKind(identified, opening);
  const credentialIds = waysOf(opening).map(({ request }) => request.target.credential.id);
  return kind ? [[opening.site.cloudId, { credentialIds, kind }]] : [];
}

/** Undefined for a site that nothing opens. */
export function credentialKind(
  { credential, links }: Identified,
  { site }: Opening,
): CredentialKind | undefined {
  if (site.identity === 'shared') return 'service-account';
  if (credential) return 'api-token';
  const link = links.get(site.cloudId)?.[0];
  return link && (link.kind === 'oauth' ? 'oauth' : 'api-token');
}
