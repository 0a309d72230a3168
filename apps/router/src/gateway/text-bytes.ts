import type { GappedText } from '@switchyard/catalogue';

interface FixedBytes {
  readonly pieces: readonly Buffer[];
  readonly size: number;
}

/** What many texts share is made to bytes once. */
const known = new WeakMap<GappedText['fixed'], FixedBytes>();

function fixedBytes(fixed: GappedText['fixed']): FixedBytes {
  const before = known.get(fixed);
  if (before) return before;
  const pieces = fixed.map((piece) => Buffer.from(piece));
  const fresh = { pieces, size: pieces.reduce((sum, { length }) => sum + length, 0) };
  known.set(fixed, fresh);
  return fresh;
}

/** The texts, one after the other, as UTF-8. Of what may be tens of megabytes nothing is held twice. */
export function textBytes(texts: readonly GappedText[]): Buffer {
  const bytes = Buffer.allocUnsafeSlow(texts.reduce((sum, text) => sum + sizeOf(text), 0));
  let at = 0;
  for (const text of texts) at = write(bytes, text, at);
  return bytes;
}

function sizeOf({ fixed, gaps }: GappedText): number {
  let { size } = fixedBytes(fixed);
  for (const gap of gaps) size += Buffer.byteLength(gap);
  return size;
}

/** Returns where the text ends. */
function write(bytes: Buffer, { fixed, gaps }: GappedText, start: number): number {
  const { pieces } = fixedBytes(fixed);
  let at = start;
  for (let count = 0; count < pieces.length; count += 1) {
    const piece = pieces[count];
    if (piece) bytes.set(piece, at);
    at += piece?.length ?? 0;
    const gap = gaps[count];
    if (gap !== undefined) at += bytes.write(gap, at);
  }
  return at;
}
