/** One thing that is wrong with a trail, and where. `line` is 0 when it is about a file as a whole. */
export interface AuditFinding {
  readonly file: string;
  readonly line: number;
  readonly kind: FindingKind;
  readonly message: string;
}

/** What can be wrong. */
export type FindingKind =
  | 'header'
  | 'changed'
  | 'fork'
  | 'gap'
  | 'order'
  | 'after_close'
  | 'unfinished'
  | 'unfinished_gone'
  | 'damaged'
  | 'start_missing'
  | 'head_missing'
  | 'head_invalid'
  | 'head_differs'
  | 'truncated';

const MESSAGES: Readonly<Record<FindingKind, string>> = {
  header: 'the file does not begin with a header that the key opens: it is foreign or was changed',
  changed: 'the line was changed, or was not written with this key',
  fork: 'the line does not follow the line before it',
  gap: 'lines are missing before it',
  order: 'this line of the trail is out of place, or stands here again',
  after_close: 'the file goes on after the trail was closed',
  unfinished: 'the file ends in the middle of a line, and no later file accounts for it',
  unfinished_gone: 'the unfinished line that the file before ended in is gone or was changed',
  damaged: 'Switchyard found the trail damaged when it began this file',
  start_missing: 'lines are missing at the start, and no retention explains it',
  head_missing: 'the head of the trail is missing, so lines may be missing at its end',
  head_invalid: 'the head of the trail was changed, or was not signed with this key',
  head_differs: 'this line of the trail is not the one that was signed',
  truncated: 'lines are missing at the end',
};

/** Collects findings. Only the first hundred are kept; all are counted. */
export interface Findings {
  readonly list: readonly AuditFinding[];
  count(): number;
  /** `detail` is a number or a word of ours, never text of the file. */
  add(kind: FindingKind, place: { readonly file: string; readonly line: number }, detail?: string): void;
}

const MOST_KEPT = 100;

export function createFindings(): Findings {
  const list: AuditFinding[] = [];
  let count = 0;
  return {
    list,
    count: () => count,
    add(kind, { file, line }, detail = '') {
      count += 1;
      if (list.length >= MOST_KEPT) return;
      list.push({
        file,
        line,
        kind,
        message: detail === '' ? MESSAGES[kind] : `${MESSAGES[kind]}: ${detail}`,
      });
    },
  };
}
