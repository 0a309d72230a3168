import { describe, expect, it } from 'vitest';

import { CREDENTIALS } from '../estate.ts';
import { allMessages, answerOf, AT_ENG, connectLegacy, post, postModern, startRouter } from './router.ts';
import { metaOf, startSessionSite, textResult, type Turn } from './session-site.ts';

/** Tells its progress under the token that it was given, with the text that it was given. */
async function tellProgress(turn: Turn): Promise<object> {
  const text = String(turn.args['text']);
  for (const progress of [1, 2, 3]) {
    turn.notify('notifications/progress', {
      progressToken: turn.meta['progressToken'],
      progress,
      message: text,
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return textResult(text);
}

function callWith(progressToken: unknown, text: string): Record<string, unknown> {
  return { name: 'work', arguments: { text }, _meta: { progressToken } };
}

describe('progress', () => {
  it.each([
    ['a number', 7],
    ['a text', 'tok"en\\ü'],
    ['zero', 0],
    ['an empty text', ''],
  ])('comes back under the token of the client: %s', async (_, token) => {
    const site = await startSessionSite({ tools: { work: tellProgress } });
    const router = await startRouter(site.url);

    const messages = await allMessages(
      await post(router, { id: 1, method: 'tools/call', params: callWith(token, 'a') }),
    );

    expect(
      messages.map(({ method, params }) => [method, params?.['progressToken'], params?.['progress']]),
    ).toEqual([
      ['notifications/progress', token, 1],
      ['notifications/progress', token, 2],
      ['notifications/progress', token, 3],
      [undefined, undefined, undefined],
    ]);
    expect(messages.at(-1)).toMatchObject({ id: 1, result: textResult('a') });
  });

  it.each(['legacy', 'modern'])(
    'of two %s clients with one token on one upstream session reaches each its own',
    async (era) => {
      const site = await startSessionSite({ tools: { work: tellProgress } });
      const router = await startRouter(site.url);
      const send = era === 'modern' ? postModern : post;
      await answerOf(send(router, { id: 0, method: 'tools/call', params: callWith('warm', 'w') }));

      const both = await Promise.all(
        ['a', 'b'].map((text) =>
          send(router, { id: 1, method: 'tools/call', params: callWith('same', text) }).then(allMessages),
        ),
      );

      for (const [at, text] of ['a', 'b'].entries()) {
        const told = both[at]?.slice(0, -1) ?? [];
        expect(told.map(({ params }) => params?.['message'])).toEqual([text, text, text]);
        expect(told.map(({ params }) => params?.['progressToken'])).toEqual(['same', 'same', 'same']);
      }
      const work = site.received('tools/call').filter(({ message }) => message.params?.['name'] === 'work');
      expect(new Set(work.map(({ sessionId }) => sessionId)).size).toBe(1);
      const tokens = work.map((call) => metaOf(call)['progressToken']);
      expect(new Set(tokens).size).toBe(3);
    },
  );

  it('is not sent after the answer', async () => {
    const site = await startSessionSite({
      tools: {
        work({ meta, endWith }) {
          endWith(textResult('a'), 'notifications/progress', { ...meta, progress: 1 });
        },
      },
    });
    const router = await startRouter(site.url);

    const call = { id: 1, method: 'tools/call', params: callWith('mine', 'a') };

    expect(await allMessages(await post(router, call))).toMatchObject([{ id: 1, result: textResult('a') }]);
  });

  it.each([
    ['of a client that gave no token', {}],
    ['under the token of somebody else', { _meta: { progressToken: 'mine' } }],
  ])('%s is dropped', async (_, params) => {
    const site = await startSessionSite({
      tools: {
        work({ notify }) {
          notify('notifications/progress', { progressToken: 'mine', progress: 1 });
          notify('notifications/progress', { progress: 1 });
          return textResult('a');
        },
      },
    });
    const router = await startRouter(site.url);

    const call = { id: 1, method: 'tools/call', params: { name: 'work', arguments: {}, ...params } };

    expect(await allMessages(await post(router, call))).toMatchObject([{ id: 1, result: textResult('a') }]);
  });

  it('reaches the official client with its own numbers', async () => {
    const site = await startSessionSite({ tools: { work: tellProgress } });
    const router = await startRouter(site.url);
    const client = await connectLegacy(router, {});
    const heard: number[] = [];

    await client.callTool({ name: 'work', arguments: { text: 'a' } }, undefined, {
      onprogress: ({ progress }) => heard.push(progress),
    });

    expect(heard).toEqual([1, 2, 3]);
  });

  it('is not told to a client that takes no stream; the call goes on', async () => {
    const site = await startSessionSite({ tools: { work: tellProgress } });
    const router = await startRouter(site.url);

    const response = await post(
      router,
      { id: 1, method: 'tools/call', params: callWith(1, 'a') },
      { path: AT_ENG, as: CREDENTIALS.alice, headers: { accept: 'application/json' } },
    );

    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ id: 1, result: textResult('a') });
  });
});
