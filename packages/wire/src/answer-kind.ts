/** What an answer is, as far as its ends show without parsing the result. */
export type AnswerKind = 'result' | 'tool-error' | 'error';

const END = 256;

/**
 * Looks at both ends of a response for `isError` and `error`: for metrics and for the choice to look
 * closer. A result that quotes such bytes escapes their quotes, so text content cannot pass for them.
 */
export function answerKind(body: Buffer): AnswerKind {
  const ends =
    body.length <= 2 * END
      ? body.toString('latin1')
      : body.subarray(0, END).toString('latin1') + body.subarray(-END).toString('latin1');
  if (/(?<!\\)"isError"\s*:\s*true/.test(ends)) return 'tool-error';
  return /(?<!\\)"error"\s*:\s*\{/.test(ends) && !/(?<!\\)"result"\s*:/.test(ends) ? 'error' : 'result';
}
