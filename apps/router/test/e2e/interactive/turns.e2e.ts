import { afterEach, describe, expect, it, vi } from 'vitest';

import { CREDENTIALS, eventually } from '../estate.ts';
import { allMessages, answerOf, AT_ENG, postModern, type Router, startRouter, textOf } from './router.ts';
import { type Message, type SessionSite, startSessionSite, textResult, type Turn } from './session-site.ts';

const QUESTION = {
  message: 'Name?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
};
const ELICITS = { capabilities: { elicitation: {} } };

async function elicit({ ask }: Turn, message = QUESTION.message): Promise<Message> {
  return ask('elicitation/create', { ...QUESTION, message });
}

function nameIn({ result, error }: Message): string {
  const { content, action } = (result ?? {}) as { content?: { name?: string }; action?: string };
  return content?.name ?? action ?? String(error?.code);
}

/** A site of the session era with tools that ask: once, twice, two things at once. */
function askingSite(): Promise<SessionSite> {
  return startSessionSite({
    tools: {
      once: async (turn) => textResult(`Hello, ${nameIn(await elicit(turn))}!`),
      other: async (turn) => textResult(`Goodbye, ${nameIn(await elicit(turn))}!`),
      twice: async (turn) => {
        const first = nameIn(await elicit(turn, 'First?'));
        return textResult(`${first} ${nameIn(await elicit(turn, 'Second?'))}`);
      },
      both: async (turn) => {
        const answers = await Promise.all([elicit(turn, 'First?'), elicit(turn, 'Second?')]);
        return textResult(answers.map(nameIn).join(' '));
      },
      large: async (turn) => textResult(nameIn(await elicit(turn)).repeat(500_000)),
      hasty: (turn) => {
        void elicit(turn);
        return textResult('hasty'.repeat(500_000));
      },
      silent: () => textResult('silent'.repeat(500_000)),
      model: async ({ ask }) => textResult(JSON.stringify(await ask('sampling/createMessage', {}))),
    },
    methods: {
      'prompts/get': async (turn) => ({ messages: [], description: nameIn(await elicit(turn)) }),
      'resources/read': async (turn) => ({ contents: [], _meta: { name: nameIn(await elicit(turn)) } }),
      'completion/complete': async (turn) => ({ completion: { values: [nameIn(await elicit(turn))] } }),
    },
  });
}

afterEach(() => vi.useRealTimers());

interface Required {
  readonly resultType: string;
  readonly inputRequests: Readonly<Record<string, { method: string; params: { message: string } }>>;
  readonly requestState: string;
}

interface Retry {
  readonly requestState: string;
  readonly inputResponses?: Readonly<Record<string, unknown>>;
}

function call(router: Router, name: string, retry?: Retry, as = CREDENTIALS.alice): Promise<Message> {
  const params = { name, arguments: {}, ...retry };
  return answerOf(
    postModern(router, { id: retry ? 2 : 1, method: 'tools/call', params }, { ...ELICITS, as }),
  );
}

async function start(router: Router, name: string): Promise<Required> {
  return (await call(router, name)).result as Required;
}

function answering({ inputRequests, requestState }: Required, name: string): Retry {
  const given = { action: 'accept', content: { name } };
  return {
    requestState,
    inputResponses: Object.fromEntries(Object.keys(inputRequests).map((key) => [key, given])),
  };
}

describe('a modern client in front of a site that asks', () => {
  it('gets the question as a result, and answers it by calling again', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const required = await start(router, 'once');
    const answer = await call(router, 'once', answering(required, 'Ada'));

    expect(required).toMatchObject({
      resultType: 'input_required',
      requestState: expect.any(String) as string,
    });
    expect(Object.values(required.inputRequests)).toEqual([
      { method: 'elicitation/create', params: QUESTION },
    ]);
    expect(answer).toMatchObject({ id: 2, result: { resultType: 'complete', ...textResult('Hello, Ada!') } });
    const calls = site.received('tools/call').filter(({ message }) => message.params?.['name'] === 'once');
    expect(calls).toHaveLength(1);
  });

  it('can be asked a second time', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const first = await start(router, 'twice');
    const second = (await call(router, 'twice', answering(first, 'Ada'))).result as Required;
    const answer = await call(router, 'twice', answering(second, 'Lovelace'));

    const messages = [first, second].map(
      ({ inputRequests }) => Object.values(inputRequests)[0]?.params.message,
    );
    expect(messages).toEqual(['First?', 'Second?']);
    expect(second.requestState).not.toBe(first.requestState);
    expect(textOf(answer.result)).toBe('Ada Lovelace');
  });

  it.each([
    ['that came after the person', 'large', 'Ada'],
    ['that did not wait for the person', 'hasty', 'hasty'],
  ])('gets a large result %s, whole and with the right request', async (_, tool, word) => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const answer = await call(router, tool, answering(await start(router, tool), 'Ada'));

    expect(answer.id).toBe(2);
    expect(textOf(answer.result) === word.repeat(500_000)).toBe(true);
  });

  it('gets a large result at once where nothing is asked', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const answer = await call(router, 'silent');
    expect(answer).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    expect(textOf(answer.result) === 'silent'.repeat(500_000)).toBe(true);
  });

  it('answers all questions, however they are put', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    let answer = await call(router, 'both');
    for (let turn = 0; turn < 2; turn += 1) {
      const required = answer.result as Partial<Required>;
      if (required.resultType !== 'input_required') break;
      answer = await call(router, 'both', answering(required as Required, 'x'));
    }

    expect(textOf(answer.result)).toBe('x x');
  });

  it('that gives no answer has declined', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const { requestState } = await start(router, 'once');

    expect(textOf((await call(router, 'once', { requestState })).result)).toBe('Hello, cancel!');
  });

  it('that has no answer of a model says so to the site as an error', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const params = { name: 'model', arguments: {} };
    const how = { capabilities: { sampling: {} } };
    const asked = await answerOf(postModern(router, { id: 1, method: 'tools/call', params }, how));
    const { requestState } = asked.result as Required;

    const again = { id: 2, method: 'tools/call', params: { ...params, requestState, inputResponses: {} } };
    const answer = await answerOf(postModern(router, again, how));

    expect(JSON.parse(textOf(answer.result))).toMatchObject({ error: { code: -1 } });
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['prompts/get', { name: 'x' }, { resultType: 'complete', messages: [], description: 'Ada' }],
    ['resources/read', { uri: 'test://a' }, { contents: [], ttlMs: 0, _meta: { name: 'Ada' } }],
  ])('is asked for %s likewise, and its state is good for nothing else', async (method, params, result) => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const required = (await answerOf(postModern(router, { id: 1, method, params }, ELICITS)))
      .result as Required;
    const retry = { ...params, ...answering(required, 'Ada') };

    const other = { id: 2, method: 'tools/call', params: { ...retry, name: 'once' } };
    expect(await answerOf(postModern(router, other, ELICITS))).toMatchObject({ error: { code: -32_602 } });
    const answer = await answerOf(postModern(router, { id: 3, method, params: retry }, ELICITS));

    expect(answer).toMatchObject({ id: 3, result });
    expect(site.received(method)).toHaveLength(1);
  });

  it('is never asked where no turns are taken', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const messages = await allMessages(
      await postModern(router, { id: 1, method: 'completion/complete', params: {} }, ELICITS),
    );

    expect(messages).toMatchObject([{ id: 1, result: { completion: { values: ['-32601'] } } }]);
  });

  it('that cannot be asked lets the site go on with an error', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const answer = await answerOf(
      postModern(router, { id: 1, method: 'tools/call', params: { name: 'once', arguments: {} } }),
    );

    expect(textOf(answer.result)).toBe('Hello, -32601!');
  });

  it('and leaves while its second turn runs ends the call at the site', async () => {
    const site = await startSessionSite({
      tools: {
        async slow(turn) {
          await elicit(turn);
          await turn.cancelled();
          return textResult('too late');
        },
      },
    });
    const router = await startRouter(site.url);
    const retry = answering(await start(router, 'slow'), 'Ada');
    const caller = new AbortController();
    const second = postModern(
      router,
      { id: 2, method: 'tools/call', params: { name: 'slow', arguments: {}, ...retry } },
      { ...ELICITS, signal: caller.signal },
    );
    await site.waitFor(({ message }) => message.result !== undefined);

    caller.abort();

    await expect(second).rejects.toThrow();
    const { message } = await site.waitFor(({ message: { method } }) => method === 'notifications/cancelled');
    const slow = site.received('tools/call').find(({ message: { params } }) => params?.['name'] === 'slow');
    expect(message.params?.['requestId']).toBe(slow?.message.id);
  });

  it('ends what is parked at the site when the router stops', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    await start(router, 'once');

    await router.close();

    await eventually(() => expect(site.received('notifications/cancelled')).toHaveLength(1));
  });
});

describe('a state', () => {
  const REFUSED = { error: { code: -32_602 } };

  it('that was used is refused', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const retry = answering(await start(router, 'once'), 'Ada');

    expect(textOf((await call(router, 'once', retry)).result)).toBe('Hello, Ada!');
    expect(await call(router, 'once', retry)).toMatchObject(REFUSED);
  });

  it.each<
    [string, (retry: Retry) => Parameters<typeof call> extends [unknown, ...infer Rest] ? Rest : never]
  >([
    ['of another caller', (retry) => ['once', retry, CREDENTIALS.bob]],
    ['of another tool', (retry) => ['other', retry]],
    ['that was changed in the middle', (retry) => ['once', { ...retry, requestState: changed(retry, 60) }]],
    ['that was changed at its end', (retry) => ['once', { ...retry, requestState: changed(retry, -4) }]],
    ['that was cut', (retry) => ['once', { ...retry, requestState: retry.requestState.slice(0, -9) }]],
  ])('%s is refused, and the right one is still good', async (_, spoil) => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const retry = answering(await start(router, 'once'), 'Ada');
    const before = site.received('tools/call').length;

    const refused = await call(router, ...spoil(retry));

    expect(refused).toMatchObject(REFUSED);
    const tools = site
      .received('tools/call')
      .slice(before)
      .map(({ message }) => message.params?.['name']);
    expect(tools).not.toContain('once');
    expect(tools).not.toContain('other');
    expect(textOf((await call(router, 'once', retry)).result)).toBe('Hello, Ada!');
  });

  it('that has expired is refused', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const retry = answering(await start(router, 'once'), 'Ada');
    const { length } = site.received('tools/call');

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 301_000 });

    expect(await call(router, 'once', retry)).toMatchObject(REFUSED);
    expect(
      site
        .received('tools/call')
        .slice(length)
        .map(({ message }) => message.params?.['name']),
    ).not.toContain('once');
  });

  it('of a router that has restarted is refused: its call has ended', async () => {
    const site = await askingSite();
    const first = await startRouter(site.url);
    const retry = answering(await start(first, 'once'), 'Ada');
    await first.close();
    const second = await startRouter(site.url);

    expect(await call(second, 'once', retry)).toMatchObject(REFUSED);
  });

  it('shows nothing of the session that waits', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const { requestState } = await start(router, 'once');

    const bytes = Buffer.from(requestState.replace(/^[^.]*\./, ''), 'base64url').toString('latin1');
    for (const secret of ['session', 'once', AT_ENG]) expect(bytes).not.toContain(secret);
  });
});

function changed({ requestState }: Retry, at: number): string {
  const place = at < 0 ? requestState.length + at : at;
  const other = requestState[place] === 'A' ? 'B' : 'A';
  return requestState.slice(0, place) + other + requestState.slice(place + 1);
}
