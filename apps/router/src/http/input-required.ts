import { createHash } from 'node:crypto';

import { memberText } from '@switchyard/json-text';
import type { Telemetry } from '@switchyard/telemetry';
import { INVALID_PARAMS, resultText } from '@switchyard/wire';

import type { CallReply } from '../gateway/call-reply.ts';
import { type Ask, type Conversation, createConversation } from '../gateway/conversation.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { PARKED_MS, type ParkedCall } from '../gateway/parked-calls.ts';
import type { Pieces } from './answer-pieces.ts';
import { callAnswer, reportCall } from './call-answer.ts';
import type { McpExchange } from './mcp-exchange.ts';
import { sendError } from './respond.ts';
import { createSiteDialogue, type SiteDialogue } from './site-dialogue.ts';

/** What the call handler lends to a call of several turns. */
export interface Turns {
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
  readonly name: string;
  /** Starts the call at its site. */
  readonly run: (dialogue: SiteDialogue) => Promise<CallReply>;
}

const STATE = 'parked-call';

/** Tells our states from those of a modern site, which go back there as they came. */
const OURS = 'switchyard.';

/**
 * Modern clients are never asked on a stream: a question ends the request as `input_required`, and
 * the client calls again with the answers. A site of the session era goes on waiting meanwhile. The
 * state is sealed for this caller and names method, tool and time.
 */
export async function takeTurns(exchange: McpExchange, turns: Turns): Promise<string | undefined> {
  const { message, sealer } = exchange;
  const given = message.params['requestState'];
  if (typeof given !== 'string' || !given.startsWith(OURS)) return takeTurn(exchange, turns, undefined);
  // The sealer vouches for what it opens: it is what was sealed below.
  const state = sealer.open(STATE, given.slice(OURS.length)) as ParkedState | undefined;
  if (!state || state.name !== turns.name || state.until < Date.now()) return refuse(exchange);
  if (state.args !== digestOf(message.params['arguments'])) return refuse(exchange);
  const parked = turns.gateway.parked.take(state.id);
  if (!parked) return refuse(exchange);
  // From now on this request stands for the call: who leaves it ends that.
  exchange.signal.addEventListener('abort', parked.abandon);
  await answerAsks(turns.gateway, parked, exchange);
  return takeTurn(exchange, turns, parked.conversation);
}

interface ParkedState {
  readonly id: string;
  readonly name: string;
  /** Which arguments the person was asked about: a yes is good for no others. */
  readonly args: string;
  readonly until: number;
}

/** The same for the same value, however a client orders its keys. */
function digestOf(args: unknown): string {
  const text = JSON.stringify(args ?? {}, sortKeys);
  return createHash('sha256').update(text).digest('base64url');
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refuse({ res, message }: McpExchange): string {
  const text =
    'Invalid params: this requestState is not valid here, has expired or was used already; call the tool again without it';
  sendError(res, message.idText, { code: INVALID_PARAMS, message: text });
  return 'invalid';
}

async function takeTurn(
  exchange: McpExchange,
  turns: Turns,
  known: Conversation | undefined,
): Promise<string | undefined> {
  const { gateway, telemetry } = turns;
  const asked: { conversation?: Pick<Conversation, 'ask'> | undefined } = { conversation: known };
  const dialogue = createSiteDialogue(exchange, {
    gateway,
    telemetry,
    logs: false,
    ask: (ask) => asked.conversation?.ask(ask),
  });
  // The first question can come before the conversation is even returned.
  const begin = (own: Pick<Conversation, 'ask'>): Promise<CallReply> => {
    asked.conversation = own;
    return turns.run(dialogue);
  };
  const conversation = known ?? createConversation(begin);
  const turn = await conversation.turn();
  if (turn.kind === 'reply') {
    dialogue.finish(await callAnswer(exchange, turn.reply, gateway));
    return reportCall(telemetry, turn.reply);
  }
  const abandon = exchange.keep();
  dialogue.finish(inputRequired(exchange, turns, { conversation, asks: turn.asks, abandon }));
  return undefined;
}

function inputRequired(
  { message, sealer }: McpExchange,
  { gateway, name }: Turns,
  parked: ParkedCall,
): Pieces {
  const state: ParkedState = {
    id: gateway.parked.park(parked),
    name,
    args: digestOf(message.params['arguments']),
    until: Date.now() + PARKED_MS,
  };
  const inputRequests = [...parked.asks].map(
    ([key, ask]) =>
      `${JSON.stringify(key)}:{"method":${JSON.stringify(ask.request.method)},"params":${paramsOf(ask)}}`,
  );
  const result = `{"resultType":"input_required","inputRequests":{${inputRequests.join(',')}},"requestState":${JSON.stringify(OURS + sealer.seal(STATE, state))}}`;
  return { pieces: [Buffer.from(resultText(message.idText, result))], status: 200 };
}

function paramsOf(ask: Ask): string {
  return ask.kind === 'own' ? ask.request.paramsText : (memberText(ask.request.text, 'params') ?? '{}');
}

/** Brings the answers to the site; a question without one is declined, so that the site goes on. */
async function answerAsks(gateway: Gateway, parked: ParkedCall, { message }: McpExchange): Promise<void> {
  const responses = memberText(message.paramsText, 'inputResponses') ?? '{}';
  const answers = [...parked.asks].map(([key, ask]) => respond(gateway, ask, memberText(responses, key)));
  await Promise.allSettled(answers);
}

async function respond(gateway: Gateway, ask: Ask, result: string | undefined): Promise<void> {
  if (ask.kind === 'own') return ask.answer(result);
  const { request, opening } = ask;
  await gateway.relay.respond(
    opening,
    request.session,
    resultText(request.idText, result ?? '{"action":"cancel"}'),
  );
}
