import { describe, expect, inject, it } from 'vitest';

import { CREDENTIALS } from '../estate.ts';
import {
  answerOf,
  messagesOf,
  openGet,
  post,
  type Router,
  sessionOf,
  startRouter,
  textOf,
} from './router.ts';
import { type SessionSite, startSessionSite, textResult } from './session-site.ts';

const ABILITIES = { elicitation: {} };
const ASK = { id: 1, method: 'tools/call', params: { name: 'ask', arguments: {} } };

/** A site whose tool asks and says how that went. */
function askingSite(): Promise<SessionSite> {
  return startSessionSite({
    tools: {
      async ask({ ask }) {
        const { error } = await ask('elicitation/create', { message: 'Yes?' });
        return textResult(error ? 'declined' : 'asked');
      },
    },
  });
}

/** Whether a client with this session id is asked. */
async function isAsked(router: Router, session: string | undefined, as?: string): Promise<boolean> {
  const headers = session === undefined ? {} : { 'mcp-session-id': session };
  const response = await post(router, ASK, { headers, ...(as !== undefined && { as }) });
  for await (const { id, method, result } of messagesOf(response)) {
    if (method === undefined) return textOf(result) === 'asked';
    await post(router, { id, result: { action: 'accept' } }, as === undefined ? {} : { as });
  }
  throw new Error('no answer');
}

describe('a session id', () => {
  it.each([
    ['nothing', {}, false],
    ['what is no ability', { elicitation: true, sampling: null, roots: 1 }, false],
    ['other things', { experimental: { a: {} } }, false],
    ['elicitation', { elicitation: {} }, true],
    ['sampling', { sampling: {} }, true],
    ['roots', { roots: { listChanged: true } }, true],
  ])('is given to a client that declares %s: %j %s', async (_, capabilities, given) => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const session = await sessionOf(router, capabilities);

    expect(session !== null).toBe(given);
    // Visible ASCII, as the protocol wants it.
    if (session !== null) expect(session).toMatch(/^[\u0021-\u007E]+$/);
  });

  it('is never required', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    await sessionOf(router, ABILITIES);

    expect(await isAsked(router, undefined)).toBe(false);
    expect(await answerOf(post(router, { id: 1, method: 'tools/list' }))).toHaveProperty('result');
  });

  it.each<[string, (session: string) => string]>([
    ['changed', (session) => session.replace(/^.{4}/, 'AAAA')],
    ['cut', (session) => session.slice(0, 20)],
    ['of nobody', () => '0b7f3a52-6f0e-4c8e-9d5b-4f8a6d1c2e3f'],
    ['empty', () => ''],
    ['long', () => 'A'.repeat(8_000)],
  ])('that is %s is ignored', async (_, change) => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const session = change((await sessionOf(router, ABILITIES)) ?? '');

    expect(await isAsked(router, session)).toBe(false);
    expect((await openGet(router, session)).status).toBe(405);
  });

  it('of another caller is nothing', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const session = (await sessionOf(router, ABILITIES)) ?? '';

    expect(await isAsked(router, session, CREDENTIALS.bob)).toBe(false);
    expect((await openGet(router, session, { as: CREDENTIALS.bob })).status).toBe(405);
    expect((await post(router, ASK, { as: '', headers: { 'mcp-session-id': session } })).status).toBe(401);
  });

  it('survives a restart', async () => {
    const site = await askingSite();
    const first = await startRouter(site.url);
    const session = (await sessionOf(first, ABILITIES)) ?? '';
    expect(await isAsked(first, session)).toBe(true);
    await first.close();

    const second = await startRouter(site.url);

    expect(await isAsked(second, session)).toBe(true);
  });

  it('is valid on another replica', async () => {
    const site = await askingSite();
    const redisUrl: string = inject('redisUrl');
    const more = `redis: { url: ${redisUrl} }`;
    const [first, second] = await Promise.all([
      startRouter(site.url, { more }),
      startRouter(site.url, { more }),
    ]);

    const session = (await sessionOf(first, ABILITIES)) ?? '';

    expect(await isAsked(second, session)).toBe(true);
  });

  it('is no session of a site, and no id of a site is one', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const session = (await sessionOf(router, ABILITIES)) ?? '';
    await isAsked(router, session);

    expect(site.posted.map(({ sessionId }) => sessionId)).not.toContain(session);
    expect(await isAsked(router, 'session-1')).toBe(false);
  });

  it('is thanked for when it is given back, with or without a credential', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const session = (await sessionOf(router, ABILITIES)) ?? '';

    for (const headers of [{ 'mcp-session-id': session, authorization: CREDENTIALS.alice }, {}]) {
      const response = await fetch(`${router.url}/mcp`, { method: 'DELETE', headers: { ...headers } });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    // Nothing was kept, so nothing was forgotten.
    expect(await isAsked(router, session)).toBe(true);
  });
});

describe('GET', () => {
  it.each([
    ['without a session id', {}],
    ['without a credential', { authorization: '' }],
  ])('%s is 405', async (_, headers) => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const response = await fetch(`${router.url}/mcp`, {
      headers: { accept: 'text/event-stream', ...headers },
    });

    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, DELETE']);
  });

  it('with a session id opens a stream at once', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const session = (await sessionOf(router, ABILITIES)) ?? '';
    const caller = new AbortController();

    const response = await openGet(router, session, { signal: caller.signal });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    caller.abort();
  });
});
