import { createHash } from 'node:crypto';

import { memberText } from '@switchyard/json-text';
import type { Telemetry } from '@switchyard/telemetry';
import type { CancelSignal } from '@switchyard/upstream';
import { errorText, INTERNAL_ERROR, INVALID_PARAMS, resultText } from '@switchyard/wire';

import { type Ask, type Conversation, createConversation } from '../gateway/conversation.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { type NextTurn, PARKED_MS, type ParkedCall, type TurnAnswer } from '../gateway/parked-calls.ts';
import type { Pieces } from './answer-pieces.ts';
import type { McpExchange } from './mcp-exchange.ts';
import { sendError, sendPieces } from './respond.ts';
import { createSiteDialogue, type SiteDialogue } from './site-dialogue.ts';

/** What a handler lends to a request of several turns. */
export interface Turns<Reply> {
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
  /** Asks the site. */
  readonly run: (dialogue: SiteDialogue) => Promise<Reply>;
  /** The reply as the client reads it. */
  readonly write: (exchange: McpExchange, reply: Reply) => Pieces | Promise<Pieces>;
  /** Counts the reply; returns how it failed, for the metric. */
  readonly report: (reply: Reply) => string | undefined;
}

const STATE = 'parked-call';

/** Tells our states from those of a modern site, which go back there as they came. */
const OURS = 'switchyard.';

/** Whether a modern client's request may need more than one turn: it can be asked, or it comes back with a state. */
export function mayTakeTurns({ client, message }: McpExchange): boolean {
  if (client.era !== 'modern') return false;
  return client.capabilities !== undefined || message.params['requestState'] !== undefined;
}

/**
 * Modern clients are never asked on a stream: a question ends the request as `input_required`, and
 * the client calls again with the answers. A site of the session era goes on waiting meanwhile. The
 * state is sealed for this caller and names method, parameters and time.
 */
export function takeTurns<Reply>(
  exchange: McpExchange,
  turns: Turns<Reply>,
): Promise<string | undefined> | string {
  const given = exchange.message.params['requestState'];
  if (typeof given !== 'string' || !given.startsWith(OURS)) return begin(exchange, turns);
  // The sealer vouches for what it opens: it is what was sealed below.
  const state = exchange.sealer.open(STATE, given.slice(OURS.length)) as ParkedState | undefined;
  if (!state || state.what !== digestOf(exchange) || state.until < Date.now()) return refuse(exchange);
  return takeUp(exchange, turns.gateway, state.id);
}

interface ParkedState {
  readonly id: string;
  /** Which method, tool and arguments the person was asked about: a yes is good for no others. */
  readonly what: string;
  readonly until: number;
}

/** The same for the same request, however a client orders its keys; what changes from turn to turn is left out. */
function digestOf({ message }: McpExchange): string {
  const { requestState: _state, inputResponses: _responses, _meta, ...what } = message.params;
  const text = JSON.stringify([message.method, { arguments: {}, ...what }], sortKeys);
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

async function begin<Reply>(exchange: McpExchange, turns: Turns<Reply>): Promise<string | undefined> {
  const { gateway, telemetry } = turns;
  const asking: { ask?: (ask: Ask) => void } = {};
  const dialogue = createSiteDialogue(exchange, {
    gateway,
    telemetry,
    logs: false,
    ask(ask) {
      exchange.isAsked = true;
      asking.ask?.(ask);
    },
  });
  const conversation = createConversation((ask) => {
    asking.ask = ask;
    return turns.run(dialogue);
  });
  const answer = await nextTurn({ exchange, turns, conversation });
  dialogue.finish(answer);
  return answer.errorType;
}

interface Talk<Reply> {
  /** Of the request that began it; later ones only bring another id. */
  readonly exchange: McpExchange;
  readonly turns: Turns<Reply>;
  readonly conversation: Conversation<Reply>;
}

async function nextTurn<Reply>(talk: Talk<Reply>): Promise<TurnAnswer> {
  const { exchange, turns, conversation } = talk;
  const turn = await conversation.turn();
  if (turn.kind === 'asks') return park(talk, turn.asks);
  const { pieces, status } = await turns.write(exchange, turn.reply);
  return { pieces, status, errorType: turns.report(turn.reply) };
}

function park<Reply>(talk: Talk<Reply>, asks: ReadonlyMap<string, Ask>): TurnAnswer {
  const { exchange, turns } = talk;
  const { message, sealer, admitted } = exchange;
  const id = turns.gateway.parked.park({
    owner: admitted.identified.caller.id,
    sealer,
    abandon: exchange.keep(),
    async goOn({ idText, responsesText }) {
      await answerAsks(turns.gateway, asks, responsesText);
      return nextTurn({ ...talk, exchange: { ...exchange, message: { ...message, idText } } });
    },
  });
  if (id === undefined) return tooMany(message.idText);
  const state: ParkedState = { id, what: digestOf(exchange), until: Date.now() + PARKED_MS };
  const inputRequests = [...asks].map(
    ([key, ask]) =>
      `${JSON.stringify(key)}:{"method":${JSON.stringify(ask.request.method)},"params":${paramsOf(ask)}}`,
  );
  const result = `{"resultType":"input_required","inputRequests":{${inputRequests.join(',')}},"requestState":${JSON.stringify(OURS + sealer.seal(STATE, state))}}`;
  return { pieces: [Buffer.from(resultText(message.idText, result))], status: 200, errorType: undefined };
}

function tooMany(idText: string): TurnAnswer {
  const message = 'Too many calls wait for answers; this one was ended. Answer some, and call again';
  const text = errorText(idText, { code: -32_000, message });
  return { pieces: [Buffer.from(text)], status: 200, errorType: 'rate_limited' };
}

function paramsOf(ask: Ask): string {
  return ask.kind === 'own' ? ask.request.paramsText : (memberText(ask.request.text, 'params') ?? '{}');
}

/** Brings the answers to the site; a question without one is declined, so that the site goes on. */
async function answerAsks(
  gateway: Gateway,
  asks: ReadonlyMap<string, Ask>,
  responsesText: string,
): Promise<void> {
  const answers = [...asks].map(([key, ask]) => respond(gateway, ask, memberText(responsesText, key)));
  await Promise.allSettled(answers);
}

async function respond(gateway: Gateway, ask: Ask, result: string | undefined): Promise<void> {
  if (ask.kind === 'own') return ask.answer(result);
  const { request, opening } = ask;
  await gateway.relay.respond(opening, request.session, responseText(ask.request, result));
}

const NO_ANSWER = { code: -1, message: 'The client gave no answer' };

function responseText(
  { idText, method }: { readonly idText: string; readonly method: string },
  result: string | undefined,
): string {
  if (result !== undefined) return resultText(idText, result);
  if (method === 'elicitation/create') return resultText(idText, '{"action":"cancel"}');
  return errorText(idText, NO_ANSWER);
}

/** From now on this request stands for the call: who leaves it ends that. */
async function takeUp(exchange: McpExchange, gateway: Gateway, id: string): Promise<string | undefined> {
  const { message, signal, admitted, res, sealer } = exchange;
  const owner = admitted.identified.caller.id;
  const next: NextTurn = {
    idText: message.idText,
    responsesText: memberText(message.paramsText, 'inputResponses') ?? '{}',
  };
  const parked = gateway.parked.take(id, owner);
  const waitMs = admitted.runtime.config.limits.callTimeoutMs + LATE_MS;
  const answer = parked
    ? await goOn(parked, next, signal)
    : await gateway.parkedElsewhere.goOn({ id, owner, sealer, next, signal, waitMs });
  if (answer === undefined) return refuse(exchange);
  if (answer === 'lost') return lost(exchange);
  sendPieces(res, answer.pieces, answer.status);
  return answer.errorType;
}

/** A call that runs into its time-out on another replica still has an answer. */
const LATE_MS = 5_000;

function goOn(parked: ParkedCall, next: NextTurn, signal: CancelSignal): Promise<TurnAnswer> {
  signal.addEventListener('abort', parked.abandon);
  if (signal.aborted) parked.abandon();
  return parked.goOn(next);
}

function lost({ res, message }: McpExchange): string {
  const text =
    'The replica that ran this call is gone. It is not known whether the change was made: look before you repeat it';
  sendError(res, message.idText, { code: INTERNAL_ERROR, message: text });
  return 'internal';
}
