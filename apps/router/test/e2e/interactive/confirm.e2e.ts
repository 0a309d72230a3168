import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';

import { CREDENTIALS } from '../estate.ts';
import {
  allMessages,
  AT_ENG,
  answerOf,
  connectLegacy,
  messagesOf,
  ONE_SITE,
  post,
  postModern,
  type Router,
  sessionOf,
  startRouter,
  textOf,
} from './router.ts';
import { type Message, type SessionSite, startSessionSite, textResult } from './session-site.ts';

const DELETE = { name: 'deleteJiraIssue', arguments: { issueIdOrKey: 'ENG-7' } };
const RULES = 'rules: [{ sites: [eng], confirm: [delete] }]';
const YES = { action: 'accept', content: { confirm: true } };

/** Whatever is not an explicit yes. */
const NOT_YES: readonly (readonly [string, unknown])[] = [
  ['declined', { action: 'decline' }],
  ['cancelled', { action: 'cancel' }],
  ['accepted with a no', { action: 'accept', content: { confirm: false } }],
  ['accepted without an answer', { action: 'accept' }],
  ['accepted with another word', { action: 'accept', content: { confirm: 'true' } }],
  ['nothing that MCP knows', { yes: true }],
];

interface Place {
  readonly router: Router;
  readonly ran: () => number;
}

async function start(more = RULES, tool = DELETE.name): Promise<Place> {
  let ran = 0;
  const run = (): ReturnType<typeof textResult> => {
    ran += 1;
    return textResult('done');
  };
  const site: SessionSite = await startSessionSite({ tools: { [tool]: run, getJiraIssue: run } });
  const sites = [
    { ...ONE_SITE[0], name: 'eng', more: 'products: { jira: delete, platform: read }' },
  ] as const;
  return { router: await startRouter(site.url, { sites, more }), ran: () => ran };
}

function isNotConfirmed(answer: Message): void {
  expect(answer.result).toMatchObject({
    isError: true,
    _meta: { 'switchyard/reason': 'not_confirmed', 'switchyard/site': 'eng' },
  });
}

async function legacyCall(
  router: Router,
): Promise<{ question: Message; rest: AsyncIterator<Message>; session: string }> {
  const session = (await sessionOf(router, { elicitation: {} })) ?? '';
  const headers = { 'mcp-session-id': session };
  const rest = messagesOf(await post(router, { id: 1, method: 'tools/call', params: DELETE }, { headers }));
  return { question: (await rest.next()).value as Message, rest, session };
}

const CAPABLE = { capabilities: { elicitation: { form: {} } } };

describe('a call that must be confirmed', () => {
  it('is not run for a client that cannot ask, which is told why', async () => {
    const { router, ran } = await start();
    const answers = [
      await answerOf(post(router, { id: 1, method: 'tools/call', params: DELETE })),
      await answerOf(postModern(router, { method: 'tools/call', params: DELETE })),
      await answerOf(
        postModern(
          router,
          { method: 'tools/call', params: DELETE },
          { capabilities: { elicitation: { url: {} } } },
        ),
      ),
      await answerOf(
        postModern(router, { method: 'tools/call', params: DELETE }, { capabilities: { sampling: {} } }),
      ),
    ];

    for (const answer of answers) {
      isNotConfirmed(answer);
      expect(textOf(answer.result)).toContain('this client cannot ask one');
    }
    expect(ran()).toBe(0);
  });

  it.each(NOT_YES)('is not run when it is %s', async (_, result) => {
    const { router, ran } = await start();
    const { question, rest, session } = await legacyCall(router);
    await post(router, { id: question.id, result }, { headers: { 'mcp-session-id': session } });
    isNotConfirmed((await rest.next()).value as Message);

    const asked = await answerOf(postModern(router, { method: 'tools/call', params: DELETE }, CAPABLE));
    isNotConfirmed(await again(router, asked, { q1: result }));
    expect(ran()).toBe(0);
  });

  it('is not run when another caller says yes', async () => {
    const { router, ran } = await start();
    const { question, rest, session } = await legacyCall(router);
    await post(router, { id: question.id, result: YES }, { as: CREDENTIALS.bob });
    const asked = await answerOf(postModern(router, { method: 'tools/call', params: DELETE }, CAPABLE));
    const stolen = await again(router, asked, { q1: YES }, { as: CREDENTIALS.bob });

    expect(stolen.error).toMatchObject({ code: -32_602 });
    await cancel(router, session);
    const withdrawn = { method: 'notifications/cancelled', params: { requestId: question.id } };
    expect((await rest.next()).value).toMatchObject(withdrawn);
    isNotConfirmed((await rest.next()).value as Message);
    expect(ran()).toBe(0);
  });

  it('is not run with other arguments than the person was asked about', async () => {
    const { router, ran } = await start();
    const asked = await answerOf(postModern(router, { method: 'tools/call', params: DELETE }, CAPABLE));
    const params = { ...DELETE, arguments: { issueIdOrKey: 'ENG-8' } };

    expect((await again(router, asked, { q1: YES }, { params })).error).toMatchObject({ code: -32_602 });
    expect(ran()).toBe(0);
  });

  it('is run once after a yes, and never again for the same yes (I4)', async () => {
    const { router, ran } = await start();
    const { question, rest, session } = await legacyCall(router);
    const answer = { id: question.id, result: YES };
    await post(router, answer, { headers: { 'mcp-session-id': session } });
    await post(router, answer, { headers: { 'mcp-session-id': session } });
    expect(textOf(((await rest.next()).value as Message).result)).toBe('done');
    expect(ran()).toBe(1);

    const asked = await answerOf(postModern(router, { method: 'tools/call', params: DELETE }, CAPABLE));
    expect(textOf((await again(router, asked, { q1: YES })).result)).toBe('done');
    expect((await again(router, asked, { q1: YES })).error).toMatchObject({ code: -32_602 });
    expect(ran()).toBe(2);
  });

  it('asks with the site, the tool and what it is about, and nothing else', async () => {
    const { router } = await start();
    const { question, session } = await legacyCall(router);
    await cancel(router, session);

    expect(question).toMatchObject({ method: 'elicitation/create' });
    expect(question.params).toMatchObject({
      message: 'Run deleteJiraIssue on eng (alpha-eng.atlassian.net)?\nissueIdOrKey: ENG-7',
    });
  });

  it('asks the person of the official client', async () => {
    const { router, ran } = await start();
    const client = await connectLegacy(router, { elicitation: {} }, (each) =>
      each.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { confirm: true } })),
    );

    expect(textOf(await client.callTool(DELETE))).toBe('done');
    expect(ran()).toBe(1);
  });

  it('leaves calls alone that only read', async () => {
    const { router, ran } = await start();
    const params = { name: 'getJiraIssue', arguments: { issueIdOrKey: 'ENG-1' } };
    const messages = await allMessages(await post(router, { id: 1, method: 'tools/call', params }));

    expect(messages).toHaveLength(1);
    expect(ran()).toBe(1);
  });
});

async function cancel(router: Router, session: string): Promise<void> {
  const message = { method: 'notifications/cancelled', params: { requestId: 1 } };
  await post(router, message, { headers: { 'mcp-session-id': session } });
}

/** The same call with the answers to its questions. */
function again(
  router: Router,
  asked: Message,
  inputResponses: Record<string, unknown>,
  { params = DELETE, as }: { params?: typeof DELETE; as?: string } = {},
): Promise<Message> {
  const { requestState } = asked.result as { requestState: string };
  const how = { ...CAPABLE, path: AT_ENG, ...(as !== undefined && { as }) };
  return answerOf(
    postModern(router, { method: 'tools/call', params: { ...params, requestState, inputResponses } }, how),
  );
}
