import type { AuditKey } from './audit-key.ts';
import type { ChainHead } from './chain-head.ts';
import { isUnfinished, openLine } from './chain-line.ts';
import { createChainOrder, type Place } from './chain-order.ts';
import {
  type ControlFields,
  type OpenedFields,
  readControl,
  type Remains,
  remainsOf,
} from './control-line.ts';
import type { Findings } from './findings.ts';
import type { RawLine } from './read-lines.ts';

/** What is true of one chain, beside findings. */
export interface ChainReport {
  readonly host: string;
  readonly files: number;
  readonly lines: number;
  /** Numbers of the first and the last line that are there; 0 when there are none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Lines that a crash left unfinished and a later file accounts for. */
  readonly recovered: number;
  /** Bytes of a last line that is unfinished: the process runs, or has crashed and was not started again. */
  readonly unfinishedBytes: number;
  /** Events that the trail itself says were lost while it could not be written. */
  readonly lost: number;
}

export interface ChainVerifierOptions {
  readonly host: string;
  readonly keys: readonly AuditKey[];
  /** Places that are known to be in the chain: its head, and heads that were kept elsewhere. */
  readonly signed: readonly ChainHead[];
  /** Only some files of the trail are here: neither its beginning nor its end is asked for. */
  readonly partial: boolean;
  readonly findings: Findings;
}

/** Walks one chain, file by file in the order of their headers, line by line. */
export interface ChainVerifier {
  beginFile(file: string): void;
  line(line: RawLine): void;
  finish(): ChainReport;
}

interface FileState {
  readonly path: string;
  /** Undefined until a header was opened: of a file without one nothing is known. */
  key: AuditKey | undefined;
  closed: boolean;
}

export function createChainVerifier(options: ChainVerifierOptions): ChainVerifier {
  const { host, keys, findings } = options;
  const order = createChainOrder(options.signed, findings);
  const tail = createTailCheck(findings);
  const totals = { files: 0, lines: 0, lost: 0 };
  let retained = 0;
  let file: FileState = { path: '', key: undefined, closed: false };

  function readHeader({ bytes, whole }: RawLine, place: Place): void {
    // A crash while a file is begun: nothing of it counts, and the next start removes it.
    if (!whole && isUnfinished(bytes, order.at())) return;
    const key = whole ? keys.find((each) => openLine(each, bytes)) : undefined;
    const opened = key && openLine(key, bytes);
    const control = opened && readControl(opened.event, bytes);
    if (!opened || control?.event !== 'opened' || control.host !== host) return findings.add('header', place);
    file.key = key;
    if (order.firstSeq() > 0) tail.settle(control, place);
    order.take(opened, place);
    if (control.damaged) findings.add('damaged', place, control.damaged);
  }

  function readLine(raw: RawLine, place: Place): void {
    if (!file.key) return;
    if (file.closed) return findings.add('after_close', place);
    const opened = raw.whole ? openLine(file.key, raw.bytes) : undefined;
    if (!opened && !raw.whole && isUnfinished(raw.bytes, order.at())) return tail.leave(raw.bytes, place);
    if (!opened) return findings.add('changed', place);
    const control = readControl(opened.event, raw.bytes);
    // Files that were joined: nothing is missing, and yet it is not as it was written.
    if (control?.event === 'opened') findings.add('order', place, String(opened.position.seq));
    order.take(opened, place);
    if (control) heed(control);
  }

  function heed(control: ControlFields): void {
    if (control.event === 'closed') file.closed = true;
    if (control.event === 'lost') totals.lost += control.count;
    if (control.event === 'retention') retained = Math.max(retained, control.through);
  }

  return {
    beginFile(path) {
      file = { path, key: undefined, closed: false };
      totals.files += 1;
    },
    line(raw) {
      totals.lines += 1;
      const place = { file: file.path, line: raw.number };
      if (raw.number === 1) readHeader(raw, place);
      else readLine(raw, place);
    },
    finish() {
      if (!options.partial) order.checkEnds(retained, file.path);
      const { recovered, unfinishedBytes } = tail.totals();
      return {
        host,
        ...totals,
        recovered,
        unfinishedBytes,
        firstSeq: order.firstSeq(),
        lastSeq: order.at().seq,
      };
    },
  };
}

/** An unfinished line at the end of a file is accounted for by the header of the next file, or not at all. */
function createTailCheck(findings: Findings): {
  leave(bytes: Buffer, place: Place): void;
  settle(header: OpenedFields, place: Place): void;
  totals(): Pick<ChainReport, 'recovered' | 'unfinishedBytes'>;
} {
  let left: { readonly remains: Remains; readonly place: Place } | undefined;
  let recoveredCount = 0;
  return {
    leave: (bytes, place) => void (left = { remains: remainsOf(bytes), place }),
    settle({ recovered }, place) {
      if (recovered && recovered.digest === left?.remains.digest) recoveredCount += 1;
      else if (recovered) findings.add('unfinished_gone', place);
      else if (left) findings.add('unfinished', left.place);
      left = undefined;
    },
    totals: () => ({ recovered: recoveredCount, unfinishedBytes: left?.remains.bytes ?? 0 }),
  };
}
