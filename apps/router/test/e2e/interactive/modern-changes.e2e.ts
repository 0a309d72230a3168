import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';

import { CREDENTIALS, eventually } from '../estate.ts';
import { type ModernSite, startModernSite } from './modern-site.ts';
import {
  answerOf,
  AT_ENG,
  connectLegacy,
  listenTo,
  ONE_SITE,
  openGet,
  post,
  postModern,
  type Router,
  sessionOf,
  startRouter,
  TWO_SITES,
} from './router.ts';
import { startSdkSite } from './sdk-site.ts';
import { type Message, startSessionSite } from './session-site.ts';

const LISTEN = 'subscriptions/listen';
const TOOLS_CHANGED = 'notifications/tools/list_changed';
const UPDATED = 'notifications/resources/updated';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const TOOLS = { toolsListChanged: true };

const meta = (id: unknown) => ({ 'io.modelcontextprotocol/subscriptionId': id });

interface Listening {
  readonly heard: Message[];
  /** What was promised. */
  readonly honoured: unknown;
  leave(): void;
}

async function listen(
  router: Router,
  notifications: object,
  { id = 'mine', ...how }: { id?: unknown; path?: string; as?: string } = {},
): Promise<Listening> {
  const leaving = new AbortController();
  const request = { id, method: LISTEN, params: { notifications } };
  const heard = listenTo(await postModern(router, request, { ...how, signal: leaving.signal }));
  await eventually(() => expect(heard).toHaveLength(1));
  expect(heard[0]?.method).toBe(ACKNOWLEDGED);
  return { heard, honoured: heard[0]?.params?.['notifications'], leave: () => leaving.abort() };
}

async function openLegacyStream(router: Router, path = AT_ENG): Promise<Message[]> {
  const session = (await sessionOf(router, { roots: {} }, { path })) ?? '';
  return listenTo(await openGet(router, session, { path }));
}

const asked = (site: ModernSite): unknown[] =>
  site.requests.filter(({ method }) => method === LISTEN).map(({ params }) => params['notifications']);

/** Long enough for what must not come to have come. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 700));

describe('changes of a site without sessions', () => {
  it('reach clients of both eras, whose next list is the new one', async () => {
    const tools: Record<string, () => object> = {};
    const site = await startModernSite({ tells: true, tools });
    const router = await startRouter(site.url);
    const names = async (): Promise<string> =>
      JSON.stringify(await answerOf(post(router, { id: 1, method: 'tools/list' })));
    expect(await names()).not.toContain('brandNew');
    const [legacy, modern] = [await openLegacyStream(router), await listen(router, TOOLS)];
    await eventually(() => expect(asked(site)).toHaveLength(1));

    tools['brandNew'] = () => ({});
    expect(site.tell(TOOLS_CHANGED, { _meta: meta('upstream') })).toBe(1);

    await eventually(() => expect(legacy).toMatchObject([{ method: TOOLS_CHANGED }]));
    await eventually(() => expect(modern.heard).toHaveLength(2));
    expect(modern.heard[1]).toEqual({
      jsonrpc: '2.0',
      method: TOOLS_CHANGED,
      params: { _meta: meta('mine') },
    });
    expect(JSON.stringify(legacy)).not.toContain('upstream');
    expect(await names()).toContain('brandNew');
  });

  it('are asked for while somebody listens, and no longer', async () => {
    const site = await startModernSite({ tells: true });
    const router = await startRouter(site.url);
    await answerOf(postModern(router, { id: 1, method: 'tools/list' }));
    await aMoment();
    expect(asked(site)).toEqual([]);

    const both = [await listen(router, TOOLS), await listen(router, TOOLS)];
    await eventually(() => expect(site.tell(TOOLS_CHANGED)).toBe(1));
    both[0]?.leave();
    await aMoment();
    expect(site.tell(TOOLS_CHANGED)).toBe(1);
    both[1]?.leave();

    await eventually(() => expect(site.tell(TOOLS_CHANGED)).toBe(0));
    expect(asked(site)).toHaveLength(1);
  });

  it('are not heard by another caller (I1)', async () => {
    const site = await startModernSite({ tells: true });
    const router = await startRouter(site.url);
    const alice = await listen(router, TOOLS);
    await eventually(() => expect(site.tell(TOOLS_CHANGED)).toBe(1));
    await eventually(() => expect(alice.heard).toHaveLength(2));
    const streams = site.requests.filter(({ method }) => method === LISTEN);

    expect(streams.map(({ headers }) => headers.authorization)).toEqual([CREDENTIALS.alice]);
    const bob = await listen(router, TOOLS, { as: CREDENTIALS.bob });
    await aMoment();
    expect(bob.heard).toHaveLength(1);
    await eventually(() =>
      expect(
        site.requests.filter(({ method }) => method === LISTEN).map(({ headers }) => headers.authorization),
      ).toEqual([CREDENTIALS.alice, CREDENTIALS.bob]),
    );
  });

  it('are not asked for at a site that is switched off', async () => {
    const site = await startModernSite({ tells: true });
    const router = await startRouter(site.url);
    await answerOf(post(router, { id: 1, method: 'tools/list' }));
    const { status } = await fetch(`${router.adminUrl}/admin/v1/switches/site/eng`, { method: 'PUT' });
    expect(status).toBeLessThan(300);
    const before = site.requests.length;

    await listen(router, { ...TOOLS, resourceSubscriptions: ['test://a'] });
    await aMoment();

    expect(site.requests).toHaveLength(before);
  });
});

describe('a client that wants to hear of a resource', () => {
  const WISH = { resourceSubscriptions: ['test://a', 7, 'test://b'] };
  const HONOURED = { resourceSubscriptions: ['test://a', 'test://b'] };

  it('hears of it and of what is below it, and of no other', async () => {
    const site = await startModernSite({ tells: true });
    const router = await startRouter(site.url);
    const { heard, honoured } = await listen(router, WISH);
    const others = await listen(router, { resourceSubscriptions: ['test://c'] });
    await eventually(() =>
      expect(asked(site).at(-1)).toMatchObject({
        resourceSubscriptions: ['test://a', 'test://b', 'test://c'],
      }),
    );
    await eventually(() => expect(site.tell(UPDATED, { uri: 'test://c' })).toBe(1));

    for (const uri of ['test://a/x', 'test://ab', 'test://b']) site.tell(UPDATED, { uri });

    await eventually(() => expect(heard).toHaveLength(3));
    await aMoment();
    expect(honoured).toEqual(HONOURED);
    expect(heard.slice(1)).toEqual(
      ['test://a/x', 'test://b'].map((uri) => ({
        jsonrpc: '2.0',
        method: UPDATED,
        params: { uri, _meta: meta('mine') },
      })),
    );
    expect(others.heard.map(({ params }) => params?.['uri'])).toEqual([undefined, 'test://c']);
  });

  it('is promised a hundred of them at most (I9)', async () => {
    const site = await startModernSite({ tells: true });
    const router = await startRouter(site.url);
    const uris = Array.from({ length: 150 }, (_, at) => `test://${at}`);

    const { honoured } = await listen(router, { resourceSubscriptions: uris });

    expect(honoured).toEqual({ resourceSubscriptions: uris.slice(0, 100) });
  });

  it.each([
    ['on the URL of all sites', '', '/mcp'],
    ['where policy restricts what may be read', 'products: { jira: read }', AT_ENG],
    [
      'on a shared site, where others would hear of it',
      'identity: shared\nallow: ["*"]\ncredential: { serviceAccountKey: key }',
      AT_ENG,
    ],
  ])('is promised nothing %s', async (_, more, path) => {
    const site = await startModernSite({ tells: true });
    const sites = [...ONE_SITE.map((each) => ({ ...each, more })), ...TWO_SITES.slice(1)];
    const router = await startRouter(site.url, { sites });

    expect((await listen(router, { ...TOOLS, ...WISH }, { path })).honoured).toEqual(TOOLS);
  });

  it('is promised nothing at a site that has sessions', async () => {
    const site = await startSessionSite();
    const router = await startRouter(site.url);

    expect((await listen(router, { ...TOOLS, ...WISH })).honoured).toEqual(TOOLS);
  });
});

describe('the official server without sessions', () => {
  it('tells the official client of the session era that its tools have changed', async () => {
    const router = await startRouter(await startSdkSite({ sessions: false }));
    let told = 0;
    const client = await connectLegacy(router, { roots: {} }, (each) =>
      each.setNotificationHandler(ToolListChangedNotificationSchema, () => void (told += 1)),
    );
    const modern = await listen(router, TOOLS);

    await eventually(async () => {
      await client.callTool({ name: 'test_trigger_tool_change', arguments: {} });
      expect(told).toBeGreaterThan(0);
    });

    await eventually(() => expect(modern.heard.length).toBeGreaterThan(1));
    expect(modern.heard[1]).toMatchObject({ method: TOOLS_CHANGED });
  });
});
