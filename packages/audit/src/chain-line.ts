import type { AuditKey } from './audit-key.ts';

/** A place in a chain: how many lines there are up to here, and the MAC of the last one. */
export interface Position {
  readonly seq: number;
  readonly mac: string;
}

/** A line whose MAC is right: it was written with the key, at `position`, after the line with the MAC `previous`. */
export interface OpenedLine {
  readonly position: Position;
  readonly previous: string;
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
}

const MAC = '[A-Za-z0-9_-]{43}';
const MAC_LENGTH = 43;
const START = /^\{"v":1,"seq":(\d{1,15}),"ts":"([^"]{20,30})","event":"([a-z]{1,20})"/;
const END = new RegExp(`,"prev":"(${MAC})","mac":"(${MAC})"\\}$`);
const MAC_MEMBER_LENGTH = ',"mac":""}'.length + MAC_LENGTH;
const LONGEST_START = 100;
const LONGEST_END = 120;

/** Before the first line of a chain. */
export const GENESIS: Position = { seq: 0, mac: 'A'.repeat(MAC_LENGTH) };

/** More is no line of ours: texts are cut, and there are only so many. */
export const MAX_LINE_BYTES = 65_536;

/** Seals the next line: the MAC covers every byte before it and, by the MAC of the line before, all that went before. */
export function sealLine(key: AuditKey, after: Position, members: string): { text: string; at: Position } {
  const seq = after.seq + 1;
  const body = `{"v":1,"seq":${seq},${members},"prev":"${after.mac}"`;
  const mac = key.mac(after.mac, body);
  return { text: `${body},"mac":"${mac}"}\n`, at: { seq, mac } };
}

/** Undefined for anything that was not written with this key, down to the last bit. Takes a line without its newline. */
export function openLine(key: AuditKey, line: Buffer): OpenedLine | undefined {
  const start = START.exec(line.toString('latin1', 0, LONGEST_START));
  const end = END.exec(line.toString('latin1', Math.max(0, line.length - LONGEST_END)));
  const [, seq, ts = '', event] = start ?? [];
  const [, previous, mac] = end ?? [];
  if (seq === undefined || event === undefined || previous === undefined || mac === undefined)
    return undefined;
  // The text of the MAC is compared, not its bytes: base64url has spare bits at its end.
  if (key.mac(previous, line.subarray(0, line.length - MAC_MEMBER_LENGTH)) !== mac) return undefined;
  return { position: { seq: Number(seq), mac }, previous, event, timeMs: Date.parse(ts) };
}

/** Opens a line with the first key that fits. */
export function openWithAny(keys: readonly AuditKey[], line: Buffer): OpenedLine | undefined {
  for (const key of keys) {
    const opened = openLine(key, line);
    if (opened) return opened;
  }
  return undefined;
}

/** Whether bytes can be what a crash left of any line of a chain. */
export function isBegun(bytes: Buffer): boolean {
  return startsLike(bytes, '{"v":1,"seq":');
}

/** Whether bytes can be what a crash left of the line after `position`. */
export function isUnfinished(bytes: Buffer, position: Position): boolean {
  return startsLike(bytes, `{"v":1,"seq":${position.seq + 1},`);
}

function startsLike(bytes: Buffer, expected: string): boolean {
  const found = bytes.toString('latin1', 0, expected.length);
  return bytes.length < MAX_LINE_BYTES && expected.startsWith(found) && !bytes.includes('\n');
}
