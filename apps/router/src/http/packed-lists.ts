import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

/** Makes an answer around a ready list, as gzip; undefined where there is no compressed form of the list yet. */
export type PackAnswer = (before: string, list: Buffer, after: string) => Buffer[] | undefined;

/** A list as a part of any gzip file: what it is packed into, and what it does to the checksum. */
interface PackedList {
  readonly deflated: Buffer;
  readonly size: number;
  readonly crc: number;
  /** What so many bytes make of the checksum of those before them. */
  readonly shift: Matrix;
}

/** Below this a packet more or less is all there is to gain. */
const WORTH_BYTES = 4_096;
/** The longest stored block of RFC 1951. */
const STORED_BYTES = 65_535;

const compress = promisify(deflateRaw);

/**
 * Ready lists are compressed once and beside the requests, the first of which get them plain; they are forgotten with the
 * list. Each answer has its own id in front, so the file is put together: the id as a stored block, then the list.
 */
export function createPackAnswer(): PackAnswer {
  const packed = new WeakMap<Buffer, PackedList | 'under way'>();

  async function pack(list: Buffer): Promise<void> {
    packed.set(list, 'under way');
    const deflated = await compress(list, { finishFlush: constants.Z_SYNC_FLUSH });
    packed.set(list, { deflated, size: list.length, crc: crc32(list), shift: shiftBy(list.length) });
  }

  return (before, list, after) => {
    if (list.length < WORTH_BYTES) return undefined;
    const known = packed.get(list);
    if (known === undefined) pack(list).catch(() => packed.delete(list));
    return known === undefined || known === 'under way' ? undefined : fileOf(before, known, after);
  };
}

/** Whether an Accept-Encoding header takes gzip (RFC 9110, section 12.5.3). */
export function takesGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .some((coding) => /^\s*gzip\s*(?:;(?!\s*q=0(?:\.0*)?\s*$)|$)/i.test(coding));
}

const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

function fileOf(before: string, list: PackedList, after: string): Buffer[] | undefined {
  const first = Buffer.from(before);
  const last = Buffer.from(after);
  if (first.length > STORED_BYTES || last.length > STORED_BYTES) return undefined;
  const crc = crc32(last, (times(list.shift, crc32(first)) ^ list.crc) >>> 0);
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc, 0);
  end.writeUInt32LE((first.length + list.size + last.length) % 2 ** 32, 4);
  return [GZIP_HEAD, storedHead(first, false), first, list.deflated, storedHead(last, true), last, end];
}

/** The head of a stored block (RFC 1951, section 3.2.4). */
function storedHead({ length }: Buffer, isLast: boolean): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isLast ? 1 : 0, 0);
  head.writeUInt16LE(length, 1);
  head.writeUInt16LE(~length & 0xffff, 3);
  return head;
}

/** A linear map over the 32 bits of a checksum: the image of each bit. */
type Matrix = Uint32Array;

/** What following bytes make of a checksum is linear: squared again and again, the map of one byte is that of any number. */
function shiftBy(length: number): Matrix {
  let shift = Uint32Array.from({ length: 32 }, (_, bit) => 2 ** bit);
  let power = Uint32Array.from(shift, (bit) => crc32(ONE_BYTE, bit) ^ crc32(ONE_BYTE, 0));
  for (let left = length; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) shift = composed(power, shift);
    power = composed(power, power);
  }
  return shift;
}

const ONE_BYTE = Buffer.alloc(1);

function composed(outer: Matrix, inner: Matrix): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(inner, (image) => times(outer, image));
}

function times(matrix: Matrix, crc: number): number {
  let product = 0;
  for (let bit = 0; bit < 32; bit += 1) if ((crc >>> bit) & 1) product ^= matrix[bit] ?? 0;
  return product >>> 0;
}
