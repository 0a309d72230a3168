import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';

import { describe, expect, it, vi } from 'vitest';

import type { Interest, UpstreamEvent } from '../src/index.ts';
import { BOB, startUpstream, targetOf } from './fixture.ts';
import { LEGACY_ANSWERS, type ModernRequest, refuseUnknown, startModernSite } from './modern-fixture.ts';

const LISTEN = 'subscriptions/listen';
const TOOLS_CHANGED = 'notifications/tools/list_changed';
const OPEN: Interest = { uris: [], isClosed: () => false };

const about = (...uris: string[]): Interest => ({ ...OPEN, uris });

interface Stream {
  readonly request: ModernRequest;
  readonly response: ServerResponse;
}

/** A site that keeps the streams it is asked for, and what a test says on them. */
async function startTelling(answer?: (stream: Stream) => void) {
  const opened = new EventEmitter();
  const streams: Stream[] = [];
  const site = await startModernSite({
    [LISTEN](request, response) {
      const stream = { request, response };
      streams.push(stream);
      if (answer) answer(stream);
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      opened.emit('stream');
    },
  });
  return {
    site,
    streams,
    /** Waits for so many streams, counted from the first. */
    async until(count: number): Promise<void> {
      while (streams.length < count) await once(opened, 'stream');
    },
    /** Says it on every open stream. */
    say(message: object): void {
      for (const { response } of streams) if (!response.writableEnded) response.write(event(message));
    },
    open: (): number =>
      streams.filter(({ response }) => !response.destroyed && !response.writableEnded).length,
  };
}

function event(message: object): string {
  return `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
}

function notified(events: readonly UpstreamEvent[]): unknown[] {
  return events
    .filter((each) => each.type === 'notification')
    .map(({ method, params, credentialId }) => ({ method, params, credentialId }));
}

const wished = ({ request }: Stream): unknown => request.params['notifications'];
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

/** Longer than anything would take that must not come. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

describe('a site of the modern era', () => {
  it('is not asked to tell anything while nobody wants to hear it', async () => {
    const { site } = await startTelling();
    const { upstream } = startUpstream();
    await upstream.capabilities({ ...targetOf(site.endpoint), era: 'modern' });
    await aMoment();

    expect(site.asked(LISTEN)).toEqual([]);
  });

  it('is asked once for all who want to hear it, and left when the last one leaves', async () => {
    const telling = await startTelling();
    const { upstream } = startUpstream();
    const target = targetOf(telling.site.endpoint);
    const leaving = [OPEN, OPEN, about('test://a')].map((interest) =>
      upstream.watch(target, { ...interest }),
    );
    await telling.until(1);
    await aMoment();
    const [first] = telling.streams;

    expect(telling.streams).toHaveLength(1);
    expect(first && wished(first)).toEqual({ ...LISTS, resourceSubscriptions: ['test://a'] });
    expect(first?.request.headers).toMatchObject({
      'mcp-method': LISTEN,
      'mcp-protocol-version': '2026-07-28',
      accept: 'application/json, text/event-stream',
    });
    leaving.slice(1).forEach((leave) => leave());
    await aMoment();
    expect(telling.open()).toBe(1);
    leaving.forEach((leave) => leave());
    await vi.waitFor(() => expect(telling.open()).toBe(0));
    await aMoment();
    expect(telling.streams).toHaveLength(1);
  });

  it('is asked for each credential apart (I1)', async () => {
    const telling = await startTelling();
    const { upstream, events } = startUpstream();
    const [alice, bob] = [targetOf(telling.site.endpoint), targetOf(telling.site.endpoint, BOB)];
    upstream.watch(alice, OPEN);
    upstream.watch(bob, OPEN);
    await telling.until(2);
    const stream = telling.streams.find(
      ({ request }) => request.headers.authorization === bob.credential.authorization.reveal(),
    );

    stream?.response.write(event({ method: TOOLS_CHANGED }));

    await vi.waitFor(() =>
      expect(notified(events)).toEqual([
        { method: TOOLS_CHANGED, params: {}, credentialId: bob.credential.id },
      ]),
    );
  });

  it('is asked anew, once, when somebody wants to hear of another resource', async () => {
    const telling = await startTelling();
    const { upstream } = startUpstream();
    const target = targetOf(telling.site.endpoint);
    upstream.watch(target, about('test://a'));
    await telling.until(1);

    for (const uri of ['test://b', 'test://a', 'test://c']) upstream.watch(target, about(uri));

    await telling.until(2);
    await vi.waitFor(() => expect(telling.open()).toBe(1));
    expect(telling.streams.slice(1).map(wished)).toEqual([
      { ...LISTS, resourceSubscriptions: ['test://a', 'test://b', 'test://c'] },
    ]);
  });

  it('is not asked while it must not be', async () => {
    const telling = await startTelling();
    const { upstream } = startUpstream();
    upstream.watch(targetOf(telling.site.endpoint), { ...OPEN, isClosed: () => true });
    await aMoment();

    expect(telling.site.requests).toEqual([]);
  });

  it('is asked again when its stream ends, and not in a hurry', async () => {
    const telling = await startTelling(({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(event({ id: 'x', result: { resultType: 'complete' } }));
    });
    const { upstream } = startUpstream();
    upstream.watch(targetOf(telling.site.endpoint), OPEN);
    const startedAt = Date.now();

    await telling.until(2);

    expect(Date.now() - startedAt).toBeGreaterThan(450);
  });

  it.each<[string, (stream: Stream) => void]>([
    ['refuses it', ({ request, response }) => refuseUnknown(request, response)],
    ['fails', ({ response }) => void response.writeHead(500).end()],
    ['does not take the credential', ({ response }) => void response.writeHead(401).end()],
    ['answers with something else', ({ response }) => void response.writeHead(200).end('{}')],
    ['breaks off', ({ response }) => void response.destroy()],
  ])('that %s is left alone for a while, and nothing else is wrong with it', async (_, answer) => {
    const telling = await startTelling(answer);
    const { upstream, events } = startUpstream();
    const target = { ...targetOf(telling.site.endpoint), era: 'modern' as const };
    upstream.watch(target, OPEN);
    await telling.until(1);
    await aMoment();

    expect(telling.streams).toHaveLength(1);
    expect(await upstream.capabilities(target)).toMatchObject({ tools: {} });
    expect(events.filter(({ type }) => type === 'circuit')).toEqual([]);
  });

  it('that says an endless thing is not listened to further', async () => {
    const telling = await startTelling();
    const { upstream, events } = startUpstream();
    upstream.watch(targetOf(telling.site.endpoint), OPEN);
    await telling.until(1);

    telling.streams[0]?.response.write(`data: ${'x'.repeat(2_000_000)}`);

    await vi.waitFor(() => expect(telling.open()).toBe(0));
    expect(notified(events)).toEqual([]);
  });

  it('is left when the process ends', async () => {
    const telling = await startTelling();
    const { upstream } = startUpstream();
    upstream.watch(targetOf(telling.site.endpoint), OPEN);
    await telling.until(1);

    await upstream.close();

    await vi.waitFor(() => expect(telling.open()).toBe(0));
  });
});

describe('what it tells', () => {
  const meta = { 'io.modelcontextprotocol/subscriptionId': 'upstream' };

  it('is told on without what is of this hop; anything else is not', async () => {
    const telling = await startTelling();
    const { upstream, events } = startUpstream();
    const target = targetOf(telling.site.endpoint);
    upstream.watch(target, about('test://a'));
    await telling.until(1);

    telling.say({ method: 'notifications/subscriptions/acknowledged', params: { _meta: meta } });
    telling.say({ method: 'notifications/message', params: { data: 'of a call' } });
    telling.say({ method: 'constructor', params: {} });
    telling.streams[0]?.response.write('data: not json\n\n:\n\n');
    telling.say({ method: 'notifications/resources/updated', params: { uri: 'test://a', _meta: meta } });
    telling.say({ method: 'notifications/prompts/list_changed', params: { _meta: meta } });

    const credentialId = target.credential.id;
    await vi.waitFor(() =>
      expect(notified(events)).toEqual([
        { method: 'notifications/resources/updated', params: { uri: 'test://a' }, credentialId },
        { method: 'notifications/prompts/list_changed', params: {}, credentialId },
      ]),
    );
  });
});

describe('a site of the session era', () => {
  it('is asked once whether it has learnt the other, and for nothing else', async () => {
    const site = await startModernSite({ ...LEGACY_ANSWERS, 'server/discover': refuseUnknown });
    const { upstream } = startUpstream();
    const target = targetOf(site.endpoint);
    expect(await upstream.tells(target)).toBe(false);
    const leave = upstream.watch(target, OPEN);
    await aMoment();
    leave();
    upstream.watch(target, OPEN);
    await aMoment();

    expect(site.requests.map(({ method }) => method)).toEqual(['server/discover']);
  });

  it('that does not answer cannot be asked, which is no failure', async () => {
    const { upstream } = startUpstream();

    expect(await upstream.tells(targetOf('http://127.0.0.1:1/mcp'))).toBe(false);
  });
});
