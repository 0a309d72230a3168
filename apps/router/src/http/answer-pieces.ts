import { editObject, memberText } from '@switchyard/json-text';
import type { Lease, UpstreamAnswer } from '@switchyard/upstream';
import {
  answerKind,
  cacheable,
  COMPLETE,
  errorText,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  splitAtId,
  stampResult,
} from '@switchyard/wire';

/** An answer ready to be written: its pieces, and the HTTP status that its error wants. */
export interface Pieces {
  readonly pieces: readonly Buffer[];
  readonly status: number;
  /** Given back when the pieces have gone out. */
  readonly lease?: Lease | undefined;
}

/** How long a modern client may keep the results of methods that a single-site URL relays whole. */
const TTL_MS: Readonly<Record<string, number | undefined>> = {
  'resources/list': 60_000,
  'resources/templates/list': 60_000,
  'resources/read': 0,
  'prompts/list': 60_000,
};

/** What the modern era wants in a result of this method. */
export function stampOf(method: string): string {
  const ttlMs = TTL_MS[method];
  return ttlMs === undefined ? COMPLETE : cacheable(ttlMs);
}

/** The site's answer under the client's own id, its result untouched (I7). */
export function legacyAnswer(answer: UpstreamAnswer, idText: string): Pieces {
  const { body, idText: ours, idAt, passedOn, lease } = answer;
  if (passedOn !== undefined) return PASSED_ON;
  const halves = splitAtId(body, ours, idAt);
  if (halves) return { pieces: [halves.before, Buffer.from(idText), halves.after], status: 200, lease };
  return internalError(idText);
}

/** There is nothing left to write. */
const PASSED_ON: Pieces = { pieces: [], status: 200 };

/** The same for a client of the modern era: the result says that it is complete, errors have that era's codes. */
export function modernAnswer(answer: UpstreamAnswer, idText: string, stamp: string = COMPLETE): Pieces {
  if (answerKind(answer.body) === 'error') return modernError(answer, idText);
  const plain = legacyAnswer(answer, idText);
  if (answer.era === 'modern' || plain.pieces.length !== 3) return plain;
  return { ...plain, pieces: stamped(plain.pieces, stamp) };
}

/** The result's piece is the one that has its key. */
export function stamped(pieces: readonly Buffer[], stamp: string): Buffer[] {
  return pieces.flatMap((piece) => stampResult(piece, stamp) ?? [piece]);
}

/** The resource is not there: the session era's own code became plain "invalid params". */
const RESOURCE_NOT_FOUND = -32_002;

/** Codes that belong to an HTTP status in the modern era. */
const STATUS: Readonly<Record<number, number>> = {
  [-32_020]: 400,
  [-32_021]: 400,
  [-32_022]: 400,
  [-32_601]: 404,
};

function modernError({ body, idText: ours }: UpstreamAnswer, idText: string): Pieces {
  const text = body.toString('utf8');
  const error = isJson(text) ? memberText(text, 'error') : undefined;
  if (error === undefined || memberText(text, 'id') !== ours) return internalError(idText);
  const code = Number(memberText(error, 'code'));
  const mapped = code === RESOURCE_NOT_FOUND ? editObject(error, { code: String(INVALID_PARAMS) }) : error;
  const response = `{"jsonrpc":"2.0","id":${idText},"error":${mapped}}`;
  return { pieces: [Buffer.from(response)], status: STATUS[code] ?? 200 };
}

/** An error is small, and only valid text may be cut up. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function internalError(idText: string): Pieces {
  const fault = { code: INTERNAL_ERROR, message: 'Internal error' };
  return { pieces: [Buffer.from(errorText(idText, fault))], status: 200 };
}
