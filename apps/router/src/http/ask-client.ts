import { randomUUID } from 'node:crypto';

import { editObject } from '@switchyard/json-text';

import type { Asking } from '../gateway/asking.ts';
import { canBeAsked } from '../gateway/client-abilities.ts';
import { readConsent } from '../gateway/confirm.ts';
import type { Ask } from '../gateway/conversation.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { PARKED_MS } from '../gateway/parked-calls.ts';
import type { Answer } from '../gateway/questions.ts';
import type { AskAll, SiteQuestion } from '../gateway/site-turns.ts';
import type { EventStream } from './event-stream.ts';
import type { McpExchange } from './mcp-exchange.ts';

/** The id of a question that waits on a replica, as a legacy client sees it. */
export const QUESTION = 'question';

const ELICIT = 'elicitation/create';

interface Means {
  readonly gateway: Gateway;
  /** The call's own stream, on which a legacy client is asked. */
  readonly stream: EventStream;
  /** Where questions for a modern client go: each ends a turn. */
  readonly ask: ((ask: Ask) => void) | undefined;
  /** Whether so many questions more are not too many for one request. */
  readonly takes: (count: number) => boolean;
}

/** Asks the client of a call. A legacy one answers by a POST of its own, at whatever replica. */
export function createAsking(exchange: McpExchange, means: Means): Asking {
  return {
    async consent(params) {
      if (!canBeAsked(exchange.client, ELICIT, {})) return 'cannot_ask';
      const question = { key: '', method: ELICIT, paramsText: params };
      const answer = means.ask
        ? askInTurn(exchange, { ...means, ask: means.ask }, question)
        : askOnStream(exchange, means, { ...question, signal: exchange.signal, waitMs: PARKED_MS });
      return answer ? readConsent(await answer) : 'cannot_ask';
    },
    askAll: (questions, waitMs) => askAllOnStream(exchange, means, { questions, waitMs }),
  };
}

function askInTurn(
  { admitted, signal }: McpExchange,
  { gateway, ask }: Means & { readonly ask: (ask: Ask) => void },
  { method, paramsText }: SiteQuestion,
): Promise<Answer> | undefined {
  const owner = admitted.identified.caller.id;
  const question = gateway.questions.open({ owner, signal, waitMs: PARKED_MS });
  if (!question) return undefined;
  const settle = (text: string | undefined): void =>
    gateway.questions.settle(
      owner,
      question.id,
      text === undefined ? { kind: 'none' } : { kind: 'result', text },
    );
  ask({ kind: 'own', request: { method, paramsText }, answer: settle });
  return question.answer;
}

type Put = Omit<SiteQuestion, 'key'> & Pick<Parameters<Gateway['questions']['open']>[0], 'signal' | 'waitMs'>;

/** Undefined: it cannot be asked on a stream, or too many questions wait. */
function askOnStream(
  { admitted, client, sealer }: McpExchange,
  { gateway, stream }: Means,
  { method, paramsText, signal, waitMs }: Put,
): Promise<Answer> | undefined {
  if (!client.takesStream) return undefined;
  const question = gateway.questions.open({ owner: admitted.identified.caller.id, signal, waitMs });
  if (!question) return undefined;
  const idText = JSON.stringify(sealer.seal(QUESTION, question.id));
  stream.send(`{"jsonrpc":"2.0","id":${idText},"method":${JSON.stringify(method)},"params":${paramsText}}`);
  return question.answer.then((answer) => {
    // The person need not think about it any longer.
    if (answer.kind === 'none') stream.send(withdrawal(idText));
    return answer;
  });
}

function withdrawal(idText: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${idText},"reason":"Nobody waits for the answer any more"}}`;
}

/** All at once, as the site has put them; one that is not answered ends the others. */
async function askAllOnStream(
  exchange: McpExchange,
  means: Means,
  { questions, waitMs }: { readonly questions: readonly SiteQuestion[]; readonly waitMs: number },
): ReturnType<AskAll> {
  const { client, signal } = exchange;
  const canAnswer = ({ method, paramsText }: SiteQuestion): boolean =>
    canBeAsked(client, method, JSON.parse(paramsText));
  if (!questions.every(canAnswer)) return 'cannot_ask';
  if (!means.takes(questions.length)) return 'too_often';
  const together = new AbortController();
  const end = (): void => together.abort();
  signal.addEventListener('abort', end);
  const answers = questions.map(async (question) => {
    const put = { ...legacyQuestion(question), signal: together.signal, waitMs };
    const text = responseTo(question, await askOnStream(exchange, means, put));
    if (text === undefined) end();
    return { key: question.key, text };
  });
  const responses = await Promise.all(answers);
  signal.removeEventListener('abort', end);
  if (responses.some(({ text }) => text === undefined))
    return client.takesStream ? 'no_answer' : 'cannot_ask';
  const texts = responses.map(({ key, text }) => `${JSON.stringify(key)}:${text}`);
  return { responses: `{${texts.join(',')}}` };
}

/** An address that a person opens has an id in the session era, and none in the modern one. */
function legacyQuestion({ method, paramsText }: SiteQuestion): Pick<SiteQuestion, 'method' | 'paramsText'> {
  const params = JSON.parse(paramsText) as { mode?: unknown; elicitationId?: unknown };
  if (method !== ELICIT || params.mode !== 'url' || params.elicitationId !== undefined)
    return { method, paramsText };
  return { method, paramsText: editObject(paramsText, { elicitationId: JSON.stringify(randomUUID()) }) };
}

/** A person who could not be shown a form has not filled it in; of anything else an error is no answer. */
function responseTo({ method }: SiteQuestion, answer: Answer | undefined): string | undefined {
  if (answer?.kind === 'error' && method === ELICIT) return '{"action":"cancel"}';
  return answer?.kind === 'result' ? answer.text : undefined;
}
