import { payloadKey } from './answer-kind.ts';

/** What the modern era wants in every result, and in those of lists and reads besides. */
export const COMPLETE = '"resultType":"complete"';

/** `ttlMs` is how long the client may keep it; what Switchyard serves depends on who asks, so it is always private. */
export function cacheable(ttlMs: number): string {
  return `${COMPLETE},"ttlMs":${ttlMs},"cacheScope":"private"`;
}

const HEAD = 1_024;
const RESULT = /(?<!\\)"result"\s*:\s*\{/;

/**
 * A response with members put first into its result, without parsing it. Undefined when there is no
 * result object near the beginning: then it is an error, or nothing to stamp.
 */
export function stampResult(response: Buffer, stamp: string): Buffer[] | undefined {
  const head = response.subarray(0, HEAD).toString('latin1');
  const found = payloadKey(head) === 'error' ? null : RESULT.exec(head);
  if (!found) return undefined;
  const at = skipSpace(response, found.index + found[0].length);
  const rest = response.subarray(at);
  if (/^"resultType"\s*:/.test(rest.toString('latin1', 0, HEAD))) return [response];
  const isEmpty = rest[0] === 0x7d;
  return [response.subarray(0, at), Buffer.from(isEmpty ? stamp : `${stamp},`), rest];
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at += 1;
  return at;
}
