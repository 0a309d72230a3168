import { describe, expect, it, vi } from 'vitest';

import { CREDENTIALS, eventually } from '../estate.ts';
import { answerOf, connectLegacy, post, postModern, startRouter, TWO_SITES } from './router.ts';
import { type Posted, type SessionSite, startSessionSite, textResult, type Turn } from './session-site.ts';

interface Scene {
  readonly site: SessionSite;
  readonly router: Awaited<ReturnType<typeof startRouter>>;
  /** Lets every call that waits finish. */
  readonly release: () => void;
  /** The calls of the waiting tool that have arrived. */
  readonly calls: () => Posted[];
}

/** A site whose tool `wait` ends when it is told to, or cancelled. */
async function scene(): Promise<Scene> {
  const waiting = new Set<() => void>();
  const site = await startSessionSite({
    tools: {
      wait: (turn: Turn) =>
        Promise.race([
          new Promise<void>((resolve) => waiting.add(resolve)),
          turn.cancelled().catch(() => {}),
        ]).then(() => textResult('finished')),
    },
  });
  const router = await startRouter(site.url);
  return {
    site,
    router,
    release: () => waiting.forEach((resolve) => resolve()),
    calls: () => site.received('tools/call').filter(({ message }) => message.params?.['name'] === 'wait'),
  };
}

const WAIT = { id: 7, method: 'tools/call', params: { name: 'wait', arguments: {} } };
const CANCEL = { method: 'notifications/cancelled', params: { requestId: 7, reason: 'enough' } };

describe('a call is cancelled at its site', () => {
  it('by the notification of a legacy client, under the id that the site knows', async () => {
    const { site, router, calls } = await scene();
    const call = answerOf(post(router, WAIT));
    await eventually(() => expect(calls()).toHaveLength(1));

    expect((await post(router, CANCEL)).status).toBe(202);

    const cancelled = await site.waitFor(({ message }) => message.method === 'notifications/cancelled');
    expect(cancelled.message.params?.['requestId']).toBe(calls()[0]?.message.id);
    expect(cancelled.message.params?.['requestId']).not.toBe(7);
    expect(cancelled.sessionId).toBe(calls()[0]?.sessionId);
    expect(await call).toMatchObject({ id: 7, result: { isError: true } });
  });

  it('by the official client that gives up', async () => {
    const { site, router, calls } = await scene();
    const client = await connectLegacy(router, {});
    const caller = new AbortController();
    const call = client.callTool({ name: 'wait', arguments: {} }, undefined, { signal: caller.signal });
    await eventually(() => expect(calls()).toHaveLength(1));

    caller.abort();

    await expect(call).rejects.toThrow();
    const cancelled = await site.waitFor(({ message }) => message.method === 'notifications/cancelled');
    expect(cancelled.message.params?.['requestId']).toBe(calls()[0]?.message.id);
  });

  it('by a modern client that leaves', async () => {
    const { site, router, calls } = await scene();
    const caller = new AbortController();
    const call = postModern(router, WAIT, { signal: caller.signal });
    await eventually(() => expect(calls()).toHaveLength(1));

    caller.abort();

    await expect(call).rejects.toThrow();
    const cancelled = await site.waitFor(({ message }) => message.method === 'notifications/cancelled');
    expect(cancelled.message.params?.['requestId']).toBe(calls()[0]?.message.id);
  });
});

describe('a search over several sites', () => {
  it('is cancelled at each of them', async () => {
    const site = await startSessionSite({
      tools: { searchAtlassian: (turn) => turn.cancelled().then(() => textResult('[]')) },
    });
    const router = await startRouter(site.url, { sites: TWO_SITES });
    const search = { id: 7, method: 'tools/call', params: { name: 'search', arguments: { query: 'x' } } };
    const call = answerOf(post(router, search, { path: '/mcp' }));
    const searching = (): Posted[] =>
      site.received('tools/call').filter(({ message }) => message.params?.['name'] === 'searchAtlassian');
    await eventually(() => expect(searching()).toHaveLength(2));

    await post(router, CANCEL, { path: '/mcp' });

    // Not only when the search runs out of its ten seconds.
    const ended = (): string[] => site.received('notifications/cancelled').map(({ path }) => path);
    await vi.waitFor(() => expect(ended().sort()).toEqual(['/eng/mcp', '/ops/mcp']), { timeout: 5_000 });
    await call;
  });
});

/** What must not come would come before a later call is answered: both go the same way. */
async function settle({ router, site }: Scene): Promise<void> {
  await answerOf(
    post(router, { id: 99, method: 'tools/call', params: { name: 'atlassianUserInfo', arguments: {} } }),
  );
  expect(site.received('notifications/cancelled')).toEqual([]);
}

describe('a call goes on', () => {
  it('when a legacy client leaves: that says nothing', async () => {
    const all = await scene();
    const caller = new AbortController();
    const call = post(all.router, WAIT, { signal: caller.signal });
    await eventually(() => expect(all.calls()).toHaveLength(1));

    caller.abort();

    await expect(call).rejects.toThrow();
    await settle(all);
    all.release();
  });

  it('when two clients of one caller use its id: it is not known which is meant', async () => {
    const all = await scene();
    const both = [answerOf(post(all.router, WAIT)), answerOf(post(all.router, WAIT))];
    await eventually(() => expect(all.calls()).toHaveLength(2));

    await post(all.router, CANCEL);

    await settle(all);
    all.release();
    for (const answer of await Promise.all(both)) {
      expect(answer).toMatchObject({ id: 7, result: textResult('finished') });
    }
    expect(new Set(all.calls().map(({ message }) => message.id)).size).toBe(2);
  });

  it.each([
    ['another caller', CANCEL, CREDENTIALS.bob],
    ['another id', { ...CANCEL, params: { requestId: 8 } }, CREDENTIALS.alice],
    ['the same id as a text', { ...CANCEL, params: { requestId: '7' } }, CREDENTIALS.alice],
    ['no id', { ...CANCEL, params: {} }, CREDENTIALS.alice],
  ])('when %s is cancelled', async (_, cancel, as) => {
    const all = await scene();
    const call = answerOf(post(all.router, WAIT));
    await eventually(() => expect(all.calls()).toHaveLength(1));

    expect((await post(all.router, cancel, { as })).status).toBe(202);

    await settle(all);
    all.release();
    expect(await call).toMatchObject({ result: textResult('finished') });
  });
});
