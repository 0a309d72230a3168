import { describe, expect, inject, it, onTestFinished } from 'vitest';

import { CREDENTIALS, eventually } from '../estate.ts';
import { freePort, startRedis, stopRedis } from '../own-redis.ts';
import {
  answerOf,
  messagesOf,
  post,
  postModern,
  type Router,
  sessionOf,
  startRouter,
  textOf,
} from './router.ts';
import { type Message, type SessionSite, startSessionSite, textResult, type Turn } from './session-site.ts';

const ELICITS = { capabilities: { elicitation: {} } };
const FORM = {
  message: 'Name?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
};

async function nameFrom({ ask }: Turn): Promise<string> {
  const { result, error } = await ask('elicitation/create', FORM);
  const { content, action } = (result ?? {}) as { content?: { name?: string }; action?: string };
  return content?.name ?? action ?? String(error?.code);
}

/** A site with tools that wait until they are cancelled, and that ask once or twice. */
function site(): Promise<SessionSite> {
  return startSessionSite({
    tools: {
      wait: (turn) => turn.cancelled().then(() => textResult('cancelled')),
      once: async (turn) => textResult(`Hello, ${await nameFrom(turn)}!`),
      twice: async (turn) => textResult(`${await nameFrom(turn)} ${await nameFrom(turn)}`),
      large: async (turn) => textResult((await nameFrom(turn)) + 'x'.repeat(5_000_000)),
      askAndWait: async (turn) => {
        await nameFrom(turn);
        await turn.cancelled();
        return textResult('too late');
      },
    },
  });
}

interface Scene {
  readonly site: SessionSite;
  readonly first: Router;
  readonly second: Router;
  /** The calls of one tool that have arrived at the site. */
  readonly calls: (tool: string) => readonly Message[];
}

async function scene(url?: string): Promise<Scene> {
  const redisUrl: string = url ?? inject('redisUrl');
  const upstream = await site();
  const more = `redis: { url: ${redisUrl} }`;
  const [first, second] = await Promise.all([
    startRouter(upstream.url, { more }),
    startRouter(upstream.url, { more }),
  ]);
  const calls = (tool: string): readonly Message[] =>
    upstream
      .received('tools/call')
      .map(({ message }) => message)
      .filter(({ params }) => params?.['name'] === tool);
  return { site: upstream, first, second, calls };
}

const WAIT: Message = { id: 7, method: 'tools/call', params: { name: 'wait', arguments: {} } };
const CANCEL: Message = { method: 'notifications/cancelled', params: { requestId: 7 } };

/** Longer than replicas take to ask each other. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500));

describe('a cancellation at another replica', () => {
  it('ends the call at its site', async () => {
    const { site, first, second, calls } = await scene();
    const call = answerOf(post(first, WAIT));
    await eventually(() => expect(calls('wait')).toHaveLength(1));

    expect((await post(second, CANCEL)).status).toBe(202);

    expect(await call).toMatchObject({ id: 7, result: { isError: true } });
    const { message } = await site.waitFor(({ message: { method } }) => method === 'notifications/cancelled');
    expect(message.params?.['requestId']).toBe(calls('wait')[0]?.id);
  });

  it('of another caller ends nothing (I1)', async () => {
    const { site, first, second, calls } = await scene();
    const call = answerOf(post(first, WAIT));
    await eventually(() => expect(calls('wait')).toHaveLength(1));

    await post(second, CANCEL, { as: CREDENTIALS.bob });
    await aMoment();
    expect(site.received('notifications/cancelled')).toEqual([]);

    await post(first, CANCEL);
    await call;
  });
});

interface Required {
  readonly requestState: string;
  readonly inputRequests: Readonly<Record<string, unknown>>;
}

async function begin(router: Router, name: string): Promise<Required> {
  const request = { id: 1, method: 'tools/call', params: { name, arguments: {} } };
  return (await answerOf(postModern(router, request, ELICITS))).result as Required;
}

function goOn(
  router: Router,
  name: string,
  { requestState, inputRequests }: Required,
  how: { as?: string; signal?: AbortSignal } = {},
): Promise<Response> {
  const given = { action: 'accept', content: { name: 'Ada' } };
  const inputResponses = Object.fromEntries(Object.keys(inputRequests).map((key) => [key, given]));
  const params = { name, arguments: {}, requestState, inputResponses };
  return postModern(router, { id: 2, method: 'tools/call', params }, { ...ELICITS, ...how });
}

const REFUSED = { id: 2, error: { code: -32_602 } };

describe('a parked call that is taken up at another replica', () => {
  it.each([
    ['once', /^Hello, Ada!$/],
    ['large', /^Adax{5000000}$/],
  ])('goes on where it waits: %s', async (tool, text) => {
    const { first, second, calls } = await scene();
    const required = await begin(first, tool);

    const answer = await answerOf(goOn(second, tool, required));

    expect(answer).toMatchObject({ id: 2, result: { resultType: 'complete' } });
    expect(textOf(answer.result)).toMatch(text);
    expect(calls(tool)).toHaveLength(1);
  });

  it('may ask again, and is taken up anywhere again, each time once', async () => {
    const { first, second, calls } = await scene();
    const one = await begin(first, 'twice');
    const two = (await answerOf(goOn(second, 'twice', one))).result as Required;

    expect(await answerOf(goOn(second, 'twice', one))).toMatchObject(REFUSED);
    expect(textOf((await answerOf(goOn(first, 'twice', two))).result)).toBe('Ada Ada');
    expect(await answerOf(goOn(second, 'twice', two))).toMatchObject(REFUSED);
    expect(calls('twice')).toHaveLength(1);
  });

  it('is not taken up by another caller (I1)', async () => {
    const { first, second } = await scene();
    const required = await begin(first, 'once');

    expect(await answerOf(goOn(second, 'once', required, { as: CREDENTIALS.bob }))).toMatchObject(REFUSED);
    expect(textOf((await answerOf(goOn(second, 'once', required))).result)).toBe('Hello, Ada!');
  });

  it('ends at its site when the client leaves there', async () => {
    const { site, first, second, calls } = await scene();
    const required = await begin(first, 'askAndWait');
    const caller = new AbortController();
    const call = goOn(second, 'askAndWait', required, { signal: caller.signal });
    await site.waitFor(({ message }) => message.result !== undefined);

    caller.abort();

    await expect(call).rejects.toThrow();
    const { message } = await site.waitFor(({ message: { method } }) => method === 'notifications/cancelled');
    expect(message.params?.['requestId']).toBe(calls('askAndWait')[0]?.id);
  });

  it('has ended with its replica', async () => {
    const { first, second, calls } = await scene();
    const required = await begin(first, 'once');
    await first.close();

    expect(await answerOf(goOn(second, 'once', required))).toMatchObject(REFUSED);
    expect(calls('once')).toHaveLength(1);
  });
});

describe('without Redis', () => {
  it('what waits is answered where it waits, and nowhere else (I10)', async () => {
    const port = await freePort();
    const server = await startRedis(port);
    onTestFinished(() => stopRedis(server));
    const { first, second, calls } = await scene(`redis://127.0.0.1:${port}`);
    const required = await begin(first, 'once');
    const session = (await sessionOf(first, { elicitation: {} })) ?? '';
    const headers = { 'mcp-session-id': session };
    const waiting = answerOf(post(first, WAIT, { headers }));
    const asking = messagesOf(
      await post(
        first,
        { id: 3, method: 'tools/call', params: { name: 'once', arguments: {} } },
        { headers },
      ),
    );
    const { value: question } = (await asking.next()) as { value: Message };
    await eventually(() => expect(calls('wait')).toHaveLength(1));

    await stopRedis(server);

    expect(await answerOf(goOn(second, 'once', required))).toMatchObject(REFUSED);
    expect((await post(second, CANCEL)).status).toBe(202);
    expect(textOf((await answerOf(goOn(first, 'once', required))).result)).toBe('Hello, Ada!');
    const given = { action: 'accept', content: { name: 'Eve' } };
    await post(second, { id: question.id, result: given });
    expect(textOf(((await asking.next()).value as Message).result)).toBe('Hello, Eve!');
    await post(first, CANCEL);
    expect(await waiting).toMatchObject({ id: 7, result: { isError: true } });
  });
});
