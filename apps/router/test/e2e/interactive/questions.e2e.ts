import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, inject, it } from 'vitest';

import { CREDENTIALS } from '../estate.ts';
import {
  allMessages,
  answerOf,
  connectLegacy,
  messagesOf,
  post,
  type Router,
  sessionOf,
  startRouter,
  textOf,
} from './router.ts';
import { type Message, type SessionSite, startSessionSite, textResult, type Turn } from './session-site.ts';

interface Question {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly answer: Record<string, unknown>;
  readonly capabilities: Record<string, object>;
  /** Makes the official client answer. */
  readonly prepare: (client: Client, answer: never) => void;
}

const QUESTIONS: readonly Question[] = [
  {
    method: 'elicitation/create',
    params: {
      message: 'Which project?',
      requestedSchema: { type: 'object', properties: { key: { type: 'string' } } },
    },
    answer: { action: 'accept', content: { key: 'ENG' } },
    capabilities: { elicitation: {} },
    prepare: (client, answer) => client.setRequestHandler(ElicitRequestSchema, () => answer),
  },
  {
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text: 'Hello?' } }], maxTokens: 10 },
    answer: { role: 'assistant', model: 'm', content: { type: 'text', text: 'Hello.' } },
    capabilities: { sampling: {} },
    prepare: (client, answer) => client.setRequestHandler(CreateMessageRequestSchema, () => answer),
  },
  {
    method: 'roots/list',
    params: {},
    answer: { roots: [{ uri: 'file:///home', name: 'home' }] },
    capabilities: { roots: {} },
    prepare: (client, answer) => client.setRequestHandler(ListRootsRequestSchema, () => answer),
  },
];

/** A site whose tool `ask` asks what its arguments say and answers with what it was told. */
function askingSite(): Promise<SessionSite> {
  return startSessionSite({
    tools: {
      async ask(turn: Turn) {
        const { method, params } = turn.args as { method: string; params?: Message['params'] };
        const { result, error } = await turn.ask(method, params ?? {});
        return textResult(JSON.stringify(result ?? { error }));
      },
    },
  });
}

function askFor({ method, params }: Pick<Question, 'method' | 'params'>): Record<string, unknown> {
  return { name: 'ask', arguments: { method, params } };
}

function questionOf(method: string): Question {
  const question = QUESTIONS.find((each) => each.method === method);
  if (!question) throw new Error(`no question ${method}`);
  return question;
}

const ELICITATION = questionOf('elicitation/create');

/** The question of a site as it stands on the client's stream. */
async function questionOn(messages: AsyncIterator<Message>): Promise<Message> {
  const next = await messages.next();
  return next.value as Message;
}

describe('a client that cannot be asked', () => {
  it.each(QUESTIONS)('of $method lets the site go on with an error', async (question) => {
    const site = await askingSite();
    const router = await startRouter(site.url);

    const answer = await answerOf(post(router, { id: 1, method: 'tools/call', params: askFor(question) }));

    expect(JSON.parse(textOf(answer.result))).toMatchObject({ error: { code: -32_601 } });
  });

  it('of anything that is no question of MCP lets the site go on with an error', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const session = await sessionOf(router, { elicitation: {}, sampling: {}, roots: {} });

    const params = askFor({ method: 'constructor', params: {} });
    const headers = { 'mcp-session-id': session ?? '' };
    const answer = await answerOf(post(router, { id: 1, method: 'tools/call', params }, { headers }));

    expect(JSON.parse(textOf(answer.result))).toMatchObject({ error: { code: -32_601 } });
  });

  it.each(QUESTIONS)(
    'of $method, because it can do other things only, has said so upstream',
    async (question) => {
      const site = await askingSite();
      const router = await startRouter(site.url);
      const other = question.method === 'roots/list' ? { sampling: {} } : { roots: {} };
      const client = await connectLegacy(router, other);

      const result = await client.callTool(askFor(question) as { name: string });

      expect(JSON.parse(textOf(result))).toMatchObject({ error: { code: -32_601 } });
      expect(
        site.received('initialize').map(({ message }) => message.params?.['capabilities']),
      ).toContainEqual(other);
    },
  );
});

/** Asks so often at once; its answer is how often it was declined, and how often it heard nothing. */
function greedySite(count: number): Promise<SessionSite> {
  return startSessionSite({
    tools: {
      async ask({ ask }) {
        const asked = Array.from({ length: count }, () => ask(ELICITATION.method, ELICITATION.params));
        const quiet = new Promise<'nothing'>((resolve) => setTimeout(resolve, 1_500, 'nothing'));
        const heard = await Promise.all(
          asked.map((each) => Promise.race([each.catch(() => 'nothing'), quiet])),
        );
        const declined = heard.filter((each) => typeof each === 'object' && each.error);
        return textResult(`${declined.length} ${heard.filter((each) => each === 'nothing').length}`);
      },
    },
  });
}

describe('a site that asks without end', () => {
  it('is declined after 32 questions, and not heard after 64 (I9)', async () => {
    const site = await greedySite(70);
    const router = await startRouter(site.url);
    const session = (await sessionOf(router, { elicitation: {} })) ?? '';
    const call = { id: 1, method: 'tools/call', params: { name: 'ask', arguments: {} } };
    const response = await post(router, call, { headers: { 'mcp-session-id': session } });
    const messages = await allMessages(response);

    expect(messages.filter(({ method }) => method === ELICITATION.method)).toHaveLength(32);
    expect(textOf(messages.at(-1)?.result)).toBe('32 38');
  });

  it('is no different for a client that declared nothing', async () => {
    const site = await greedySite(70);
    const router = await startRouter(site.url);

    const answer = await answerOf(
      post(router, { id: 1, method: 'tools/call', params: { name: 'ask', arguments: {} } }),
    );

    expect(textOf(answer.result)).toBe('64 6');
  });
});

describe('a question of a site', () => {
  it.each(QUESTIONS)('$method is answered by the official client', async (question) => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const client = await connectLegacy(router, question.capabilities, (each) =>
      question.prepare(each, question.answer as never),
    );

    const result = await client.callTool(askFor(question) as { name: string });

    expect(JSON.parse(textOf(result))).toEqual(question.answer);
  });

  it('that the person refuses with an error reaches the site as that error', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const client = await connectLegacy(router, { sampling: {} }, (each) =>
      each.setRequestHandler(CreateMessageRequestSchema, () => {
        throw new Error('no model here');
      }),
    );

    const sampling = askFor(questionOf('sampling/createMessage'));
    const result = await client.callTool(sampling as { name: string });

    expect(textOf(result)).toContain('no model here');
  });

  it('goes to the client whose call it is, and its answer to the session that asked', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const clients = await Promise.all(
      ['one', 'two'].map((key) =>
        connectLegacy(router, { elicitation: {} }, (each) =>
          each.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { key } })),
        ),
      ),
    );

    const results = await Promise.all(
      clients.map((client) => client.callTool(askFor(ELICITATION) as { name: string })),
    );

    expect(results.map((result) => JSON.parse(textOf(result)) as unknown)).toEqual([
      { action: 'accept', content: { key: 'one' } },
      { action: 'accept', content: { key: 'two' } },
    ]);
  });
});

/** A call that waits for the person, and the id under which its question came. */
async function asked(router: Router): Promise<{ id: unknown; answer: () => Promise<Message> }> {
  const session = (await sessionOf(router, { elicitation: {} })) ?? '';
  const response = await post(
    router,
    { id: 1, method: 'tools/call', params: askFor(ELICITATION) },
    { headers: { 'mcp-session-id': session } },
  );
  const messages = messagesOf(response);
  const { id, method } = await questionOn(messages);
  expect(method).toBe('elicitation/create');
  return { id, answer: () => questionOn(messages) };
}

describe('an answer', () => {
  it('may reach another router on the same Redis', async () => {
    const site = await askingSite();
    const redisUrl: string = inject('redisUrl');
    const more = `redis: { url: ${redisUrl} }`;
    const [first, second] = await Promise.all([
      startRouter(site.url, { more }),
      startRouter(site.url, { more }),
    ]);
    const { id, answer } = await asked(first);

    const posted = await post(second, { id, result: ELICITATION.answer });

    expect(posted.status).toBe(202);
    expect(JSON.parse(textOf((await answer()).result))).toEqual(ELICITATION.answer);
  });

  it.each<[string, (id: string) => Message, string]>([
    ['of another caller', (id) => ({ id, result: { action: 'accept' } }), CREDENTIALS.bob],
    [
      'under a changed id',
      (id) => ({ id: id.replace(/^..../, 'AAAA'), result: { action: 'accept' } }),
      CREDENTIALS.alice,
    ],
    ['under an id of its own', () => ({ id: 7, result: { action: 'accept' } }), CREDENTIALS.alice],
  ])('%s reaches nobody', async (_, message, as) => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const { id, answer } = await asked(router);

    const posted = await post(router, message(String(id)), { as });
    await post(router, { id, result: ELICITATION.answer });

    expect(posted.status).toBe(202);
    expect(JSON.parse(textOf((await answer()).result))).toEqual(ELICITATION.answer);
    expect(site.posted.filter(({ message: { result } }) => result !== undefined)).toHaveLength(1);
  });

  it('shows neither the session nor the id of the site', async () => {
    const site = await askingSite();
    const router = await startRouter(site.url);
    const { id, answer } = await asked(router);
    await post(router, { id, result: ELICITATION.answer });
    await answer();

    expect(String(id)).not.toContain('session-');
    expect(Buffer.from(String(id), 'base64url').toString('latin1')).not.toContain('session-');
  });
});
