import { endsInId, isUnderId, QUOTE, stringEnd } from './splice-id.ts';

/** More than an envelope needs behind its result. */
export const KEPT_BYTES = 1_024;

const EMPTY = Buffer.alloc(0);

/** Few large pieces cost much less to send than many small ones. */
const BLOCK_BYTES = 262_144;

/** What is left of an answer when all of it has come. */
export interface LastBytes {
  readonly bytes: Buffer;
  /** Where the id stands in them; -1: it stood in front of the result. */
  readonly idAt: number;
}

/**
 * Lets the bytes of an answer go on while they come, and keeps its end back: only there is it seen whether it is one, and
 * often its id.
 */
export class AnswerEnd {
  readonly #id: Buffer | undefined;
  /** What it is told by: a quote in front would be found everywhere. */
  readonly #mark: Buffer | undefined;
  readonly #goOn: (bytes: Buffer) => void;
  readonly #blockBytes: number;
  #block: Buffer = EMPTY;
  /** What of the block has not gone on. */
  #from = 0;
  #end = 0;
  #isSeen = false;

  /** `lateId` is the id's text where it has not been seen in front of the result. What goes on is nobody's but the receiver's. */
  constructor(lateId: string | undefined, goOn: (bytes: Buffer) => void, blockBytes: number = BLOCK_BYTES) {
    this.#blockBytes = blockBytes;
    this.#id = lateId === undefined ? undefined : Buffer.from(lateId, 'latin1');
    this.#mark = this.#id?.subarray(1);
    this.#goOn = goOn;
  }

  /** Copies the next bytes; full blocks go on. */
  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#end === this.#block.length) this.#makeRoom();
      const count = bytes.copy(this.#block, this.#end, at);
      this.#look(this.#end + count);
      at += count;
    }
  }

  /** Lets all that may go on go on now. */
  flush(): void {
    const end = this.#end - KEPT_BYTES;
    if (this.#isSeen || end <= this.#from) return;
    const bytes = this.#block.subarray(this.#from, end);
    this.#from = end;
    this.#goOn(bytes);
  }

  /** Undefined: this is no end of an answer. */
  finish(): LastBytes | undefined {
    const bytes = this.#block.subarray(this.#from, this.#end);
    if (!endsInBrace(bytes)) return undefined;
    if (!this.#id) return { bytes, idAt: -1 };
    const idAt = lateIdAt(bytes, this.#id);
    return idAt === -1 ? undefined : { bytes, idAt };
  }

  /** Whether it is the id, or a result that repeats it, shows at the end alone: nothing goes on before that. */
  #look(end: number): void {
    const before = this.#end;
    this.#end = end;
    if (!this.#mark || this.#isSeen) return;
    const from = Math.max(this.#from, before - this.#mark.length + 1);
    this.#isSeen = this.#block.subarray(from, end).includes(this.#mark);
  }

  #makeRoom(): void {
    this.flush();
    const kept = this.#block.subarray(this.#from, this.#end);
    this.#block = Buffer.allocUnsafeSlow(Math.max(this.#blockBytes, 2 * kept.length));
    this.#from = 0;
    this.#end = kept.copy(this.#block);
  }
}

const CLOSE_BRACE = 0x7d;

/** Whether the last byte that is no white space can be that of a message. */
export function endsInBrace(body: Buffer): boolean {
  let at = body.length - 1;
  while (at > 0 && (body[at] ?? 0) <= 0x20) at -= 1;
  return body[at] === CLOSE_BRACE;
}

/** The id as a member of the outermost object, in the end of a message; -1: it is not there. */
function lateIdAt(end: Buffer, id: Buffer): number {
  const last = end.lastIndexOf(id);
  if (last === -1) return -1;
  if (end.length - last <= KEPT_BYTES && endsInId(end, last, id.length)) return last;
  const places: number[] = [];
  for (let at = end.indexOf(id); at !== -1; at = end.indexOf(id, at + id.length))
    if (isUnderId(end, at)) places.push(at);
  return outermost(end, places);
}

/** How deep each stands is counted back from the end of the message, which is outside of everything. */
function outermost(end: Buffer, places: readonly number[]): number {
  const depths: number[] = [];
  let depth = 0;
  for (let at = places[0] ?? end.length; at < end.length; at += 1) {
    const byte = end[at];
    if (byte === QUOTE) {
      if (at === places[depths.length]) depths.push(depth);
      at = stringEnd(end, at);
    } else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return places[depths.findIndex((each) => each - depth === 1)] ?? -1;
}
