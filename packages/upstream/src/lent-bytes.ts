/**
 * Room for the bodies of answers, used again and again. Tens of thousands of fresh buffers a second, which live outside
 * of the heap, would make V8 collect all of it many times a second: for answers of 64 KB that was half of what they cost.
 */
export interface Lease {
  /** As long as was asked for; what stands in it is left from before. Valid until it is given back. */
  readonly bytes: Buffer;
  /** Says that nobody will look at the bytes again. Whoever never says it keeps them; to say it twice changes nothing. */
  giveBack(): void;
}

/** Sizes of the rooms: an answer gets the smallest that it fits. */
const SIZES = [4_096, 16_384, 81_920, 262_144, 1_048_576] as const;

/** Of each size so many bytes may lie idle. */
const IDLE_BYTES = 2_097_152;

/** Idle rooms by size. The one that was used last is lent first: it is still in the processor's cache. */
const idle: readonly Buffer[][] = SIZES.map(() => []);

/** `length` in bytes. A length beyond the largest size is not lent but given. */
export function lend(length: number): Lease {
  const kind = SIZES.findIndex((size) => length <= size);
  const size = SIZES[kind];
  const rooms = idle[kind];
  if (size === undefined || rooms === undefined)
    return new Loan(Buffer.allocUnsafeSlow(length), length, NOWHERE);
  return new Loan(rooms.pop() ?? Buffer.allocUnsafeSlow(size), length, rooms);
}

const NOWHERE: Buffer[] = [];

/** One loan: it ends once, so that no room is ever lent to two. A class because it is made for every call. */
class Loan implements Lease {
  readonly bytes: Buffer;
  #room: Buffer | undefined;
  readonly #rooms: Buffer[];

  constructor(room: Buffer, length: number, rooms: Buffer[]) {
    this.bytes = room.subarray(0, length);
    this.#room = room;
    this.#rooms = rooms;
  }

  giveBack(): void {
    const room = this.#room;
    this.#room = undefined;
    if (room && this.#rooms !== NOWHERE && (this.#rooms.length + 1) * room.length <= IDLE_BYTES)
      this.#rooms.push(room);
  }
}
