import { createView, Secret, type Site, type View } from '@switchyard/catalogue';
import type { Identified } from '@switchyard/identity';
import { describe, expect, it } from 'vitest';

import { createFetchedLists } from '../../src/gateway/fetched-lists.ts';
import type { Opening } from '../../src/gateway/runtime.ts';
import { startDrift } from './drift-estate.ts';

const caller = { id: 'ann', method: 'basic', groups: [], cloudIds: new Set<string>() } as const;
const credential = { id: 'ann', kind: 'bearer', authorization: new Secret('Bearer x') } as const;
const identified: Identified = {
  ok: true,
  caller,
  credential,
  links: new Map(),
  seal: { id: 'ann', secret: new Secret('x') },
};

function startFetched() {
  const estate = startDrift({ count: 2 });
  const clock = { now: 1_000 };
  const fetched = createFetchedLists(estate.lists, () => clock.now);
  const openingOf = (view: View, site: Site): Opening => ({
    site,
    policy: view.policyFor(caller, site),
    request: estate.request(site),
  });
  const viewOf = (id: string, sites: readonly Site[]) => {
    const view = createView({ id, sites, single: false, layers: [] });
    return { view, openings: sites.map((site) => openingOf(view, site)) };
  };
  return { ...estate, clock, fetched, viewOf };
}

describe('what a client fetched last', () => {
  it('is nothing before the first list, and on another URL', () => {
    const { fetched, viewOf, sites } = startFetched();
    const [one] = sites as [Site];
    const all = viewOf('all', sites);
    expect(fetched.last(caller, all.view, one.cloudId)).toBeUndefined();
    fetched.note({ identified, ...all, key: 'k' });

    expect(fetched.last(caller, all.view, one.cloudId)).toMatchObject({ at: 1_000 });
    expect(fetched.last(caller, viewOf('other', sites).view, one.cloudId)).toBeUndefined();
    expect(fetched.last(caller, all.view, 'another site')).toBeUndefined();
  });

  it('is told with the time of the newest answer, also when that was the same', async () => {
    const { fetched, viewOf, sites, clock, lists, request } = startFetched();
    const [one] = sites as [Site];
    const all = viewOf('all', sites);
    await lists.get(request(one), 1_000);
    fetched.note({ identified, ...all, key: 'k' });
    const before = fetched.last(caller, all.view, one.cloudId);
    clock.now += 500;
    fetched.note({ identified, ...all, key: 'k' });

    expect(before?.digest).toBeDefined();
    expect(fetched.last(caller, all.view, one.cloudId)).toEqual({ at: 1_500, digest: before?.digest });
  });

  it('is the old list until the client was given the new one', async () => {
    const { fetched, viewOf, sites, offer, outcome } = startFetched();
    const [one] = sites as [Site];
    const all = viewOf('all', [one]);
    const policy = all.view.policyFor(caller, one);
    const digest = async (): Promise<string | undefined> => {
      const got = await outcome(one);
      return got.kind === 'list' ? fetched.digest(policy, [got.list]) : undefined;
    };
    offer(one, [{ name: 'getA' }]);
    const old = await digest();
    fetched.note({ identified, ...all, key: 'a' });
    offer(one, [{ name: 'getB' }]);
    const now = await digest();

    expect(fetched.last(caller, all.view, one.cloudId)?.digest).toBe(old);
    expect(now).not.toBe(old);
    fetched.note({ identified, ...all, key: 'b' });
    expect(fetched.last(caller, all.view, one.cloudId)?.digest).toBe(now);
  });

  it('is known of the sites of all URLs that the caller was at, in whatever order', () => {
    const { fetched, viewOf, sites } = startFetched();
    const [one, two] = sites as [Site, Site];
    const [first, second] = [viewOf('one', [one]), viewOf('two', [two])];
    for (const { view, openings } of [first, second, first])
      fetched.note({ identified, view, openings, key: view.id });

    expect([...(fetched.find('ann')?.sites.keys() ?? [])]).toEqual([one.cloudId, two.cloudId]);
    expect(fetched.find('ann')?.sites.get(two.cloudId)).toEqual({
      credentialIds: ['ann'],
      kind: 'api-token',
    });
  });
});
