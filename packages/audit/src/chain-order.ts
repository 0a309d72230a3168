import type { ChainHead } from './chain-head.ts';
import { GENESIS, type OpenedLine, type Position } from './chain-line.ts';
import type { Findings } from './findings.ts';

/** Where a line stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** Whether lines, each genuine by itself, follow each other without a gap from the start to the signed end. */
export interface ChainOrder {
  at(): Position;
  /** Number of the first line that came; 0 before it. */
  firstSeq(): number;
  take(line: OpenedLine, place: Place): void;
  /** Nothing before the first line but what was deleted, up to `retained`; nothing missing after the last. */
  checkEnds(retained: number, lastFile: string): void;
}

/** `signed` are places that are known to be in the chain: its head, and heads that were kept elsewhere. */
export function createChainOrder(signed: readonly ChainHead[], findings: Findings): ChainOrder {
  const macs = new Map(signed.map(({ seq, mac }) => [seq, mac]));
  const signedEnd = Math.max(0, ...macs.keys());
  let at: Position = GENESIS;
  let firstSeq = 0;

  /** Of what was deleted before the first line, only the MAC in the line itself is known. */
  function start({ position, previous }: OpenedLine): void {
    firstSeq = position.seq;
    if (position.seq > 1) at = { seq: position.seq - 1, mac: previous };
  }

  return {
    at: () => at,
    firstSeq: () => firstSeq,
    take(line, place) {
      if (firstSeq === 0) start(line);
      const { position, previous } = line;
      if (position.seq <= at.seq) return findings.add('order', place, String(position.seq));
      if (position.seq > at.seq + 1) findings.add('gap', place, range(at.seq + 1, position.seq - 1));
      else if (previous !== at.mac) findings.add('fork', place);
      const mac = macs.get(position.seq) ?? position.mac;
      if (mac !== position.mac) findings.add('head_differs', place, String(position.seq));
      at = position;
    },
    checkEnds(retained, lastFile) {
      const place = { file: lastFile, line: 0 };
      if (firstSeq > retained + 1) findings.add('start_missing', place, range(1, firstSeq - 1));
      if (signedEnd > at.seq) findings.add('truncated', place, range(at.seq + 1, signedEnd));
    },
  };
}

function range(from: number, to: number): string {
  return from === to ? `line ${from}` : `lines ${from} to ${to}`;
}
