/** What an answer is, as far as its ends show without parsing the result. */
export type AnswerKind = 'result' | 'tool-error' | 'error';

const END = 256;

const PAYLOAD =
  /^\s*[{,]\s*(?:"(?:jsonrpc|id)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[-+.\w]+)\s*,\s*)*"(result|error)"\s*:(?!\s*null)/;

/**
 * Which of the two a response, or its piece behind the id, carries; undefined when other members stand
 * before it. An error's data may hold a "result" of its own, so the first one counts.
 */
export function payloadKey(head: string): 'result' | 'error' | undefined {
  const key = PAYLOAD.exec(head)?.[1];
  return key === 'result' || key === 'error' ? key : undefined;
}

const IS_ERROR = /(?<!\\)"isError"\s*:\s*true/;

/**
 * Looks at both ends of a response for `isError` and `error`: for metrics and for the choice to look
 * closer. A result that quotes such bytes escapes their quotes, so text content cannot pass for them.
 */
export function answerKind(body: Buffer): AnswerKind {
  const isShort = body.length <= 2 * END;
  const head = body.toString('latin1', 0, isShort ? body.length : END);
  const tail = isShort ? '' : body.toString('latin1', body.length - END);
  // Most answers: nothing below could find anything.
  if (!isSuspicious(head) && !isSuspicious(tail)) return 'result';
  const ends = head + tail;
  const payload = payloadKey(ends);
  if (payload === 'error') return 'error';
  if (IS_ERROR.test(ends)) return 'tool-error';
  if (payload === 'result') return 'result';
  return /(?<!\\)"error"\s*:\s*\{/.test(ends) && !/(?<!\\)"result"\s*:/.test(ends) ? 'error' : 'result';
}

/** Half a key at the cut between the ends is no key. */
function isSuspicious(end: string): boolean {
  return end.includes('"error"') || end.includes('"isError"');
}
