import { isFirstId } from './splice-id.ts';

/** No more than `answerKind` looks at: what begins here as a result is one for it too. */
const HEAD = 256;

/** Nothing but an id stands before a result that is an object and not empty as far as it has come. */
const START =
  /^\s*\{\s*(?:"(?:jsonrpc|id)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[-+.\w]+)\s*,\s*)*"result"\s*:\s*\{\s*\S/;

/**
 * Where the id stands in an answer of which only the beginning has come; -1: behind the result. Undefined when more must
 * be seen to know what it is: an error, another message, an envelope that nobody writes.
 */
export function readAnswerStart(start: Buffer, idText: string): number | undefined {
  const before = START.exec(start.toString('latin1', 0, HEAD))?.[0];
  if (before === undefined) return undefined;
  const at = before.indexOf(idText);
  if (at !== -1) return isFirstId(before.slice(0, at)) ? at : undefined;
  // What repeats the id inside its result at once may mean either of them.
  return before.includes('"id"') || start.includes(idText, 0, 'latin1') ? undefined : -1;
}
