import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, inject, it } from 'vitest';

import { CREDENTIALS, eventually } from '../estate.ts';
import { completeText, type ModernSite, startModernSite } from './modern-site.ts';
import {
  answerOf,
  connectLegacy,
  messagesOf,
  post,
  type Router,
  sessionOf,
  startRouter,
  textOf,
} from './router.ts';
import { startSdkSite } from './sdk-site.ts';
import type { Message } from './session-site.ts';

const FORM = {
  message: 'Name?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
};
const ASK_NAME = { method: 'elicitation/create', params: FORM };
const SAMPLE = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 10 } };
const ADA = { action: 'accept', content: { name: 'Ada' } };
const EVERYTHING = { elicitation: {}, sampling: {}, roots: {} };

type Params = Readonly<Record<string, unknown>>;

/** A site whose tool `ask` has `questions` until they are answered; a state that must come back is long and odd. */
function askingSite(
  questions: (params: Params) => object | undefined,
  requestState: string | undefined = ODD_STATE,
): Promise<ModernSite> {
  const ask = ({ params }: { params: Params }): object => {
    const inputRequests = questions(params);
    return inputRequests
      ? { resultType: 'input_required', inputRequests, ...(requestState !== undefined && { requestState }) }
      : completeText(JSON.stringify(params['inputResponses']));
  };
  return startModernSite({ tools: { ask }, methods: { 'prompts/get': ask, 'resources/read': ask } });
}

const ODD_STATE = 'x\u2028é"\\/ 9007199254740993 ';

const once =
  (questions: object) =>
  ({ inputResponses }: Params): object | undefined =>
    inputResponses === undefined ? questions : undefined;

const NAME_ONCE = once({ name: ASK_NAME });

const asks = (site: ModernSite): Params[] =>
  site.requests.filter(({ name }) => name === 'ask').map(({ params }) => params);

const CALL: Message = { id: 1, method: 'tools/call', params: { name: 'ask', arguments: { n: 1 } } };

interface Called {
  readonly question: Message;
  /** The next thing on the call's stream. */
  next(): Promise<Message>;
}

async function call(router: Router, capabilities: Params = EVERYTHING, message = CALL): Promise<Called> {
  const headers = { 'mcp-session-id': (await sessionOf(router, capabilities)) ?? '' };
  const messages = messagesOf(await post(router, message, { headers }));
  const next = async (): Promise<Message> => (await messages.next()).value as Message;
  return { question: await next(), next };
}

function expectUnanswered(answer: Message, text: RegExp): void {
  expect(answer).toMatchObject({
    id: 1,
    result: {
      isError: true,
      _meta: { 'switchyard/reason': 'input_required', 'switchyard/site': 'eng' },
    },
  });
  expect(textOf(answer.result)).toMatch(text);
}

describe('a site without sessions that asks a client of the session era', () => {
  it.each<[string, Params, object]>([
    ['has declared nothing', {}, { name: ASK_NAME }],
    ['can do other things', { sampling: {}, roots: {} }, { name: ASK_NAME }],
    ['opens addresses only', { elicitation: { url: {} } }, { name: ASK_NAME }],
    ['can do one of two things', { elicitation: {} }, { name: ASK_NAME, model: SAMPLE }],
    ['knows no such question', EVERYTHING, { odd: { method: 'constructor', params: {} } }],
  ])('that %s is told so, and the tool is not called again', async (_, capabilities, questions) => {
    const site = await askingSite(() => questions);
    const router = await startRouter(site.url);

    const { question } = await call(router, capabilities);

    expectUnanswered(question, /this client cannot be asked that/);
    expect(asks(site)).toHaveLength(1);
  });

  it('that takes no stream is told so', async () => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url);
    const session = (await sessionOf(router, EVERYTHING)) ?? '';
    const headers = { 'mcp-session-id': session, accept: '*/*' };

    expectUnanswered(await answerOf(post(router, CALL, { headers })), /cannot be asked/);
  });

  it('for ever is given up after eight turns', async () => {
    const site = await askingSite(() => ({ name: ASK_NAME }));
    const router = await startRouter(site.url);
    const called = await call(router);
    let message = called.question;
    while (message.method !== undefined) {
      await post(router, { id: message.id, result: ADA });
      message = await called.next();
    }

    expectUnanswered(message, /asked too much: 8 times/);
    expect(asks(site)).toHaveLength(9);
  });

  it('too many things in one turn is asked none of them', async () => {
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`q${at}`, ASK_NAME]));
    const site = await askingSite(() => many);
    const router = await startRouter(site.url);

    expectUnanswered((await call(router)).question, /more than 32 questions/);
    expect(asks(site)).toHaveLength(1);
  });

  it('nothing at all is told apart from one that asks', async () => {
    const site = await startModernSite({ tools: { ask: () => ({ resultType: 'input_required' }) } });
    const router = await startRouter(site.url);

    expectUnanswered((await call(router)).question, /does not say what/);
  });

  it('and is not answered in time ends the call, and takes the question back', async () => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url, { more: 'limits: { callTimeoutMs: 1000 }' });
    const { question, next } = await call(router);

    expect(await next()).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: question.id },
    });
    expectUnanswered(await next(), /got no answer/);
    expect(asks(site)).toHaveLength(1);
  });

  it('two things, of which one cannot be had, does not wait for the other', async () => {
    const site = await askingSite(once({ name: ASK_NAME, model: SAMPLE }));
    const router = await startRouter(site.url);
    const { question: first, next } = await call(router);
    const second = await next();
    const sampling = [first, second].find(({ method }) => method === 'sampling/createMessage');

    await post(router, { id: sampling?.id, error: { code: -1, message: 'no model here' } });

    expect(await next()).toMatchObject({ method: 'notifications/cancelled' });
    expectUnanswered(await next(), /got no answer/);
    expect(asks(site)).toHaveLength(1);
  });

  it('and is cancelled meanwhile is not asked again', async () => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url);
    const { question, next } = await call(router);

    await post(router, { method: 'notifications/cancelled', params: { requestId: 1 } });
    const withdrawn = await next();
    await post(router, { id: question.id, result: ADA });

    expect(withdrawn).toMatchObject({ method: 'notifications/cancelled' });
    expect(await next()).toMatchObject({ id: 1, result: { isError: true } });
    expect(asks(site)).toHaveLength(1);
  });
});

describe('its question', () => {
  it('comes on the stream of the call, and its answer goes to the site with the call, once (I4)', async () => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url);
    const { question, next } = await call(router);

    await post(router, { id: question.id, result: ADA });
    await post(router, { id: question.id, result: { action: 'decline' } });

    expect(question).toMatchObject(ASK_NAME);
    expect(await next()).toMatchObject({ id: 1, result: completeText(JSON.stringify({ name: ADA })) });
    expect(asks(site)).toMatchObject([
      { name: 'ask', arguments: { n: 1 } },
      { name: 'ask', arguments: { n: 1 }, inputResponses: { name: ADA }, requestState: ODD_STATE },
    ]);
  });

  it('that the client cannot show counts as cancelled', async () => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url);
    const { question, next } = await call(router);

    await post(router, { id: question.id, error: { code: -1, message: 'no screen' } });

    expect(textOf((await next()).result)).toBe('{"name":{"action":"cancel"}}');
  });

  it.each<[string, (id: string) => Message, string]>([
    ['of another caller', (id) => ({ id, result: { action: 'decline' } }), CREDENTIALS.bob],
    ['under a changed id', (id) => ({ id: `AAAA${id.slice(4)}`, result: ADA }), CREDENTIALS.alice],
    ['under the key of the site', () => ({ id: 'name', result: ADA }), CREDENTIALS.alice],
  ])('is not answered %s', async (_, message, as) => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url);
    const { question, next } = await call(router);

    await post(router, message(String(question.id)), { as });
    expect(asks(site)).toHaveLength(1);
    await post(router, { id: question.id, result: ADA });

    expect(textOf((await next()).result)).toBe(JSON.stringify({ name: ADA }));
  });

  it('may be answered at another router on the same Redis', async () => {
    const site = await askingSite(NAME_ONCE);
    const redisUrl: string = inject('redisUrl');
    const more = `redis: { url: ${redisUrl} }`;
    const [first, second] = await Promise.all([
      startRouter(site.url, { more }),
      startRouter(site.url, { more }),
    ]);
    const { question, next } = await call(first);

    const posted = await post(second, { id: question.id, result: ADA });

    expect(posted.status).toBe(202);
    expect(textOf((await next()).result)).toBe(JSON.stringify({ name: ADA }));
  });

  it('has the answers of its own turn only', async () => {
    const site = await askingSite(({ inputResponses }) => {
      const given = (inputResponses ?? {}) as Params;
      if ('second' in given) return undefined;
      return 'first' in given ? { second: ASK_NAME } : { first: ASK_NAME };
    });
    const router = await startRouter(site.url);
    const { question, next } = await call(router);
    await post(router, { id: question.id, result: ADA });
    await post(router, { id: (await next()).id, result: ADA });

    expect(textOf((await next()).result)).toBe(JSON.stringify({ second: ADA }));
  });

  it('with an address has the id that the session era wants', async () => {
    const address = { mode: 'url', message: 'Sign in', url: 'https://a.example/' };
    const site = await askingSite(once({ link: { method: 'elicitation/create', params: address } }));
    const router = await startRouter(site.url);
    const { question } = await call(router, { elicitation: { url: {} } });

    expect(question.params).toEqual({ ...address, elicitationId: expect.any(String) as string });
    await post(router, { method: 'notifications/cancelled', params: { requestId: 1 } });
  });
});

describe('a site without sessions', () => {
  it('that only wants to be called again is', async () => {
    const site = await startModernSite({
      tools: {
        ask: ({ params }) =>
          params['requestState'] === 'busy'
            ? completeText('done')
            : { resultType: 'input_required', requestState: 'busy' },
      },
    });
    const router = await startRouter(site.url);

    expect(textOf((await call(router, {})).question.result)).toBe('done');
  });

  it('that quotes such a result has not asked', async () => {
    const quoted = completeText('"resultType":"input_required"');
    const site = await startModernSite({ tools: { ask: () => ({ ...quoted, x: 'input_required' }) } });
    const router = await startRouter(site.url);

    expect((await call(router)).question).toMatchObject({ id: 1, result: quoted });
  });

  it.each([
    ['prompts/get', { name: 'ask' }],
    ['resources/read', { uri: 'test://a' }],
  ])('may ask for %s too', async (method, params) => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url);
    const { question, next } = await call(router, EVERYTHING, { id: 1, method, params });
    await post(router, { id: question.id, result: ADA });

    expect(question).toMatchObject(ASK_NAME);
    expect(textOf((await next()).result)).toBe(JSON.stringify({ name: ADA }));
    const { question: refused } = await call(router, {}, { id: 1, method, params });
    expect(refused.error?.message).toContain('cannot be asked');
  });

  it('and is switched off while the person thinks is asked no more', async () => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url);
    const { question, next } = await call(router);
    const { status } = await fetch(`${router.adminUrl}/admin/v1/switches/site/eng`, { method: 'PUT' });
    await post(router, { id: question.id, result: ADA });

    expect(status).toBeLessThan(300);
    expect((await next()).result).toMatchObject({
      isError: true,
      _meta: { 'switchyard/reason': 'unavailable' },
    });
    expect(asks(site)).toHaveLength(1);
  });
});

type Content = Record<string, string | boolean>;

/** What the person says to the forms of the official server, by the first field of each. */
const FILLED_IN: Readonly<Record<string, Content>> = {
  name: { name: 'Ada' },
  color: { color: 'blue' },
  ok: { ok: true },
  context: { context: 'a test' },
};

/** The official client in front of the official server, each of its own era, with Switchyard between them. */
async function connectToSdkSite(): Promise<Client> {
  const router = await startRouter(await startSdkSite({ sessions: false }));
  return connectLegacy(router, EVERYTHING, (client) => {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      const fields = 'requestedSchema' in params ? Object.keys(params.requestedSchema.properties) : [];
      return { action: 'accept', content: FILLED_IN[fields[0] ?? ''] };
    });
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      role: 'assistant',
      model: 'm',
      content: { type: 'text', text: 'Paris' },
    }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///home' }] }));
  });
}

describe('the official client of the session era at the official server without sessions', () => {
  it.each([
    ['test_input_required_result_elicitation', 'Hello, Ada!'],
    ['test_input_required_result_sampling', 'Paris'],
    ['test_input_required_result_list_roots', 'Roots: file:///home'],
    ['test_input_required_result_request_state', 'state-ok'],
    ['test_input_required_result_multiple_inputs', 'state-ok'],
    ['test_input_required_result_multi_round', 'Ada likes blue.'],
  ])('is asked by %s', async (name, result) => {
    const client = await connectToSdkSite();

    expect(textOf(await client.callTool({ name, arguments: {} }))).toBe(result);
  });

  it('is asked for a prompt', async () => {
    const client = await connectToSdkSite();

    const { messages } = await client.getPrompt({ name: 'test_input_required_result_prompt' });

    expect(messages).toMatchObject([{ content: { text: 'Context: a test' } }]);
  });
});

describe('what a call leaves behind', () => {
  it('is nothing: the next one is asked anew', async () => {
    const site = await askingSite(NAME_ONCE);
    const router = await startRouter(site.url);
    const called = await Promise.all([call(router), call(router, EVERYTHING, { ...CALL, id: 2 })]);
    for (const { question } of called) await post(router, { id: question.id, result: ADA });

    for (const { next } of called) expect(textOf((await next()).result)).toBe(JSON.stringify({ name: ADA }));
    await eventually(() => expect(asks(site)).toHaveLength(4));
  });
});
