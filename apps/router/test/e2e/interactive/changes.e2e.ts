import { once } from 'node:events';
import { connect } from 'node:net';

import { describe, expect, it } from 'vitest';

import { CREDENTIALS, eventually } from '../estate.ts';
import {
  answerOf,
  AT_ENG,
  listenTo,
  messagesOf,
  openGet,
  post,
  postModern,
  type Router,
  sessionOf,
  startRouter,
  TWO_SITES,
} from './router.ts';
import { type Message, type SessionSite, startSessionSite, textResult } from './session-site.ts';

const TOOLS_CHANGED = 'notifications/tools/list_changed';
const ALL = '/mcp';

interface Scene {
  readonly site: SessionSite;
  readonly router: Router;
}

/** Two sites whose lists are loaded, with the streams on which they tell of changes. */
async function scene(more = ''): Promise<Scene> {
  const site = await startSessionSite();
  const router = await startRouter(site.url, { sites: TWO_SITES, more });
  await answerOf(post(router, { id: 1, method: 'tools/list' }, { path: ALL }));
  await eventually(() =>
    expect(Math.min(site.streams('/eng/mcp'), site.streams('/ops/mcp'))).toBeGreaterThan(0),
  );
  return { site, router };
}

/** What a session's GET stream says. */
async function openLegacyStream(
  router: Router,
  how: { path?: string; as?: string } = { path: ALL },
): Promise<Message[]> {
  const session = await sessionOf(router, { elicitation: {} }, how);
  const response = await openGet(router, session ?? '', how);
  expect(response.status).toBe(200);
  return listenTo(response);
}

const TOOLS = { toolsListChanged: true };

async function openListen(
  router: Router,
  {
    id = 1,
    notifications = TOOLS,
    ...how
  }: { id?: unknown; notifications?: unknown; path?: string; as?: string },
): Promise<Message[]> {
  const request = { id, method: 'subscriptions/listen', params: { notifications } };
  const response = await postModern(router, request, { path: ALL, ...how });
  const heard = listenTo(response);
  await eventually(() => expect(heard).toHaveLength(1));
  return heard;
}

/** Long enough for what was coalesced to have come twice. */
async function quiet(heard: readonly Message[], count: number): Promise<void> {
  await eventually(() => expect(heard.length).toBeGreaterThanOrEqual(count));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(heard).toHaveLength(count);
}

const meta = (id: unknown) => ({ _meta: { 'io.modelcontextprotocol/subscriptionId': id } });

describe('changes of several sites that come together', () => {
  it('are one notification on a GET stream', async () => {
    const { site, router } = await scene();
    const heard = await openLegacyStream(router);

    for (let time = 0; time < 5; time += 1) site.announce(TOOLS_CHANGED);

    await quiet(heard, 1);
    expect(heard[0]).toEqual({ jsonrpc: '2.0', method: TOOLS_CHANGED, params: {} });
  });

  it('are one notification on each listening stream, under its own id', async () => {
    const { site, router } = await scene();
    const first = await openListen(router, { id: 'a' });
    const second = await openListen(router, { id: 2 });

    site.announce(TOOLS_CHANGED);

    await Promise.all([quiet(first, 2), quiet(second, 2)]);
    expect(first).toMatchObject([
      { method: 'notifications/subscriptions/acknowledged', params: { notifications: TOOLS, ...meta('a') } },
      { method: TOOLS_CHANGED, params: meta('a') },
    ]);
    expect(second[1]).toMatchObject({ method: TOOLS_CHANGED, params: meta(2) });
  });

  it('are told again when they come again', async () => {
    const { site, router } = await scene();
    const heard = await openLegacyStream(router);
    site.announce(TOOLS_CHANGED);
    await quiet(heard, 1);

    site.announce(TOOLS_CHANGED, { path: '/ops/mcp' });

    await quiet(heard, 2);
  });
});

describe('a stream hears nothing', () => {
  it('of what another caller is told', async () => {
    const { site, router } = await scene();
    const alice = await openLegacyStream(router);
    // Bob has streams and sessions of his own; only Alice's sessions say something.
    const bob = await openLegacyStream(router, { path: ALL, as: CREDENTIALS.bob });
    const bobListens = await openListen(router, { as: CREDENTIALS.bob });

    site.announce(TOOLS_CHANGED, { as: CREDENTIALS.alice });

    await quiet(alice, 1);
    expect(bob).toEqual([]);
    expect(bobListens).toHaveLength(1);
  });

  it('of another site than its own', async () => {
    const { site, router } = await scene();
    const all = await openLegacyStream(router);
    const eng = await openLegacyStream(router, { path: AT_ENG });

    site.announce(TOOLS_CHANGED, { path: '/ops/mcp' });

    await quiet(all, 1);
    expect(eng).toEqual([]);
  });

  it('that it did not ask for', async () => {
    const { site, router } = await scene();
    const asking = await openListen(router, { id: 0 });
    const others: Message[][] = [];
    for (const notifications of [{}, { toolsListChanged: false }, { toolsListChanged: 'yes' }, null, 'all'])
      others.push(await openListen(router, { id: others.length + 1, notifications }));

    site.announce(TOOLS_CHANGED);

    await quiet(asking, 2);
    const acknowledged = [{ params: { notifications: {} } }];
    expect(others).toMatchObject(Array.from({ length: 5 }, () => acknowledged));
  });

  it('about prompts and resources on the URL of all sites', async () => {
    const { site, router } = await scene();
    const heard = await openLegacyStream(router);
    const listens = await openListen(router, {
      notifications: { ...TOOLS, promptsListChanged: true, resourcesListChanged: true },
    });

    site.announce('notifications/prompts/list_changed');
    site.announce('notifications/resources/updated', { params: { uri: 'test://a' } });
    site.announce(TOOLS_CHANGED);

    await quiet(heard, 1);
    await quiet(listens, 2);
    expect(listens[0]).toMatchObject({ params: { notifications: TOOLS } });
  });
});

describe('on the URL of one site', () => {
  it('everything that the site says of itself is passed on', async () => {
    const { site, router } = await scene();
    const heard = await openLegacyStream(router, { path: AT_ENG });
    const listens = await openListen(router, {
      path: AT_ENG,
      notifications: { promptsListChanged: true, resourcesListChanged: true },
    });

    site.announce('notifications/prompts/list_changed', { path: '/eng/mcp' });
    site.announce('notifications/resources/updated', { path: '/eng/mcp', params: { uri: 'test://a' } });

    await eventually(() => expect(heard).toHaveLength(2));
    expect(heard).toMatchObject([
      { method: 'notifications/prompts/list_changed' },
      { method: 'notifications/resources/updated', params: { uri: 'test://a' } },
    ]);
    await eventually(() =>
      expect(listens.map(({ method }) => method)).toEqual([
        'notifications/subscriptions/acknowledged',
        'notifications/prompts/list_changed',
      ]),
    );
  });

  it('that is shared, what it says of somebody’s call is not (I1)', async () => {
    const site = await startSessionSite();
    const shared = 'identity: shared\nallow: ["*"]\ncredential: { serviceAccountKey: key }';
    const router = await startRouter(site.url, {
      sites: [...TWO_SITES.slice(1), { name: 'eng', alias: 'eng', lane: 'eng', path: '/mcp', more: shared }],
    });
    await answerOf(post(router, { id: 1, method: 'tools/list' }));
    await eventually(() => expect(site.streams('/eng/mcp')).toBeGreaterThan(0));
    const heard = await openLegacyStream(router, { path: AT_ENG, as: CREDENTIALS.bob });

    site.announce('notifications/message', { path: '/eng/mcp', params: { level: 'info', data: 'of Alice' } });
    site.announce(TOOLS_CHANGED, { path: '/eng/mcp' });

    await quiet(heard, 1);
    expect(heard[0]).toMatchObject({ method: TOOLS_CHANGED });
  });
});

const names = ({ result }: Message): string => JSON.stringify((result as { tools: unknown }).tools);

describe('a site that comes late', () => {
  it('raises a notification when it comes', async () => {
    const late = { release: () => {} };
    const waiting = new Promise<void>((resolve) => {
      late.release = resolve;
    });
    const site = await startSessionSite({
      beforeList: (path) => (path === '/ops/mcp' ? waiting : undefined),
    });
    const router = await startRouter(site.url, { sites: TWO_SITES, more: 'discovery: { deadlineMs: 300 }' });
    const list = (): Promise<Message> =>
      answerOf(post(router, { id: 1, method: 'tools/list' }, { path: ALL }));
    expect(names(await list())).not.toContain('ops__');
    const heard = await openLegacyStream(router);

    late.release();

    await quiet(heard, 1);
    expect(heard[0]).toMatchObject({ method: TOOLS_CHANGED });
    expect(names(await list())).toContain('ops__');
  });
});

describe('a router that stops', () => {
  it('ends listening with its result, and a GET stream without one', async () => {
    const { router } = await scene();
    const session = (await sessionOf(router, { elicitation: {} }, { path: ALL })) ?? '';
    const stream = await openGet(router, session, { path: ALL });
    const request = { id: 'x', method: 'subscriptions/listen', params: { notifications: TOOLS } };
    const listening = await postModern(router, request, { path: ALL });

    await router.close();

    const messages: Message[] = [];
    for await (const message of messagesOf(listening)) messages.push(message);
    expect(messages.at(-1)).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      result: {
        resultType: 'complete',
        _meta: { 'io.modelcontextprotocol/subscriptionId': 'x' },
      },
    });
    expect(await stream.text()).toBe(':\n\n');
  });

  it('does not wait for a connection on which nothing was ever said', async () => {
    const { router } = await scene('limits: { drainTimeoutMs: 600000 }');
    const silent = connect(Number(new URL(router.url).port), '127.0.0.1');
    await once(silent, 'connect');

    await Promise.all([once(silent, 'close'), router.close()]);
  });

  it('lets a call under way finish', async () => {
    const site = await startSessionSite({
      tools: {
        slow: async () => {
          await new Promise((resolve) => setTimeout(resolve, 200));
          return textResult('done');
        },
      },
    });
    const router = await startRouter(site.url);
    const call = answerOf(
      post(router, { id: 1, method: 'tools/call', params: { name: 'slow', arguments: {} } }),
    );
    await site.waitFor(({ message }) => message.params?.['name'] === 'slow');

    await router.close();

    expect(await call).toMatchObject({ result: textResult('done') });
  });
});
