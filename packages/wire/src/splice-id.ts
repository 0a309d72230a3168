/**
 * Every request to a site carries an id of ours: many clients share one upstream session, and their
 * ids collide. The answer gets the client's id back by exchanging those bytes alone; its result is
 * never parsed (I7).
 */
export interface IdSource {
  /** The next id, as the JSON text of a string. */
  next(): string;
}

/** `nonce` makes the ids unguessable, so that no result can contain one by accident or design. */
export function createIdSource(nonce: string): IdSource {
  let count = 0;
  return {
    next() {
      count += 1;
      return `"sy-${count.toString(36)}-${nonce}"`;
    },
  };
}

const KEY_BEFORE = /"id"\s*:\s*$/;
/** `"id"`, a colon and some white space. */
const LONGEST_KEY = 64;

/** The answer's bytes around its id; undefined when the body does not carry this id as a member. */
export function splitAtId(body: Buffer, idText: string): { before: Buffer; after: Buffer } | undefined {
  // Servers write the id first or, like the SDK, last: look at both ends before searching megabytes.
  const at = findId(body, idText);
  if (at === -1) return undefined;
  const key = body.subarray(Math.max(0, at - LONGEST_KEY), at).toString('latin1');
  if (!KEY_BEFORE.test(key)) return undefined;
  return { before: body.subarray(0, at), after: body.subarray(at + idText.length) };
}

const END = 512;

function findId(body: Buffer, idText: string): number {
  if (body.length <= 2 * END) return body.indexOf(idText, 0, 'latin1');
  const head = body.subarray(0, END).indexOf(idText, 0, 'latin1');
  if (head !== -1) return head;
  const tailStart = body.length - END;
  const tail = body.subarray(tailStart).indexOf(idText, 0, 'latin1');
  return tail === -1 ? body.indexOf(idText, 0, 'latin1') : tailStart + tail;
}
