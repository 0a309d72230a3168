import { setTimeout as delay } from 'node:timers/promises';

import { isRecord, type Site } from '@switchyard/catalogue';
import { type Edits, memberText } from '@switchyard/json-text';
import { type CancelSignal, type UpstreamAnswer, UpstreamError } from '@switchyard/upstream';

import type { CallReply } from './call-reply.ts';
import { MAX_QUESTIONS } from './questions.ts';

/** One thing that a site of the modern era wants to know before it goes on. */
export interface SiteQuestion {
  /** The site's name for it. */
  readonly key: string;
  readonly method: string;
  /** JSON text. */
  readonly paramsText: string;
}

/** Why a site does not get to know what it asked. */
export type Unanswered = 'cannot_ask' | 'no_answer' | 'too_often' | 'unclear';

/** Puts all questions of a turn to the client at once: the JSON text of `inputResponses`, or why there is none. Never rejects. */
export type AskAll = (
  questions: readonly SiteQuestion[],
  waitMs: number,
) => Promise<{ readonly responses: string } | Unanswered>;

/** What a site says instead of a result. */
export interface InputRequired {
  readonly questions: readonly SiteQuestion[];
  /** JSON text; goes back as it came. */
  readonly stateText: string | undefined;
}

const MARK = '"input_required"';
/** Questions are for people to read: a result of more is something else. */
const MAX_BYTES = 131_072;

/** What a client of the session era cannot read: that its call is not done, and what is missing. Undefined for any other answer. */
export function inputRequiredOf({ era, body }: UpstreamAnswer): InputRequired | undefined {
  if (era === 'legacy' || body.length > MAX_BYTES || !body.includes(MARK)) return undefined;
  const text = body.toString('utf8');
  const result = resultOf(text);
  if (!isRecord(result) || result['resultType'] !== 'input_required') return undefined;
  const resultText = memberText(text, 'result') ?? '{}';
  const isStated = typeof result['requestState'] === 'string';
  return {
    questions: questionsIn(result['inputRequests'], memberText(resultText, 'inputRequests') ?? '{}'),
    stateText: isStated ? memberText(resultText, 'requestState') : undefined,
  };
}

function resultOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { result?: unknown }).result;
  } catch {
    return undefined;
  }
}

function questionsIn(requests: unknown, requestsText: string): SiteQuestion[] {
  if (!isRecord(requests)) return [];
  return Object.entries(requests).map(([key, request]) => ({
    key,
    method: isRecord(request) ? String(request['method']) : '',
    paramsText: memberText(memberText(requestsText, key) ?? '{}', 'params') ?? '{}',
  }));
}

/** The official SDK's servers give up after as many. */
const MAX_TURNS = 8;
/** A site that only wants to be asked again is not asked at once. */
const PAUSE_MS = 250;

/**
 * Has the questions of a site answered and sends the request again with the answers, turn by turn. That is no retry, also
 * where it writes (I4): the site has said that it has not done it, and goes on from there. Throws UpstreamError.
 */
export async function takeSiteTurns(
  first: InputRequired,
  {
    send,
    askAll,
    waitMs,
    signal,
  }: {
    /** The same request with what is added to its `params`. */
    readonly send: (added: Edits, timeoutMs: number) => Promise<UpstreamAnswer>;
    /** Absent: nobody can be asked. */
    readonly askAll: AskAll | undefined;
    /** For all turns together. */
    readonly waitMs: number;
    readonly signal: CancelSignal | undefined;
  },
): Promise<UpstreamAnswer | Unanswered> {
  const until = Date.now() + waitMs;
  let required = first;
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const given = await answersTo(required, askAll, until - Date.now());
    if (signal?.aborted) throw new UpstreamError('cancelled', 'the caller gave up');
    if (typeof given === 'string') return given;
    const leftMs = until - Date.now();
    if (leftMs <= 0) return 'no_answer';
    const added = { inputResponses: given.responses, requestState: required.stateText };
    const answer = await send(added, leftMs);
    const again = inputRequiredOf(answer);
    if (!again) return answer;
    required = again;
  }
  return 'too_often';
}

async function answersTo(
  { questions, stateText }: InputRequired,
  askAll: AskAll | undefined,
  waitMs: number,
): Promise<{ readonly responses: string | undefined } | Unanswered> {
  if (questions.length > 0) return askAll ? askAll(questions, waitMs) : 'cannot_ask';
  if (stateText === undefined) return 'unclear';
  await delay(PAUSE_MS);
  return { responses: undefined };
}

const SENTENCES: Readonly<Record<Unanswered, (title: string) => string>> = {
  cannot_ask: (title) =>
    `${title} wants to know something before it goes on, and this client cannot be asked that. Nothing more was done. Use a client that supports what is asked: elicitation, sampling or roots.`,
  no_answer: (title) =>
    `${title} wanted to know something before it went on, and got no answer. Nothing more was done. Try again to be asked again.`,
  too_often: (title) =>
    `${title} asked too much: ${MAX_TURNS} times, or more than ${MAX_QUESTIONS} questions. Nothing more was done. Its administrator must look into the tool.`,
  unclear: (title) =>
    `${title} wants to know something and does not say what. Nothing more was done. Its administrator must look into the tool.`,
};

/** What happened and what to do, for the person. */
export function unansweredText({ title }: Site, why: Unanswered): string {
  return SENTENCES[why](title);
}

/** The same as the result of a tool. */
export function unansweredReply(site: Site, why: Unanswered): Extract<CallReply, { kind: 'failed' }> {
  const meta = { 'switchyard/reason': 'input_required', 'switchyard/site': site.name };
  const content = [{ type: 'text', text: unansweredText(site, why) }];
  const result = JSON.stringify({ content, isError: true, _meta: meta });
  return { kind: 'failed', result, outcome: 'input_required', site };
}
