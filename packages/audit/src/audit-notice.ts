/** What became of the trail itself, for metrics and the log. */
export type AuditNotice =
  /** It cannot be written, or can be again; `code` is the file system's, or an `AuditErrorCode`. */
  | { readonly type: 'state'; readonly writable: boolean; readonly code?: string }
  /** Events that the queue had no room for. A line in the trail says so too. */
  | { readonly type: 'lost'; readonly count: number }
  /** A crash left an unfinished line; the chain goes on after it. */
  | { readonly type: 'recovered'; readonly bytes: number }
  /** Files were changed or are missing; every verification will say so. */
  | { readonly type: 'damaged'; readonly damage: 'head' | 'tail' | 'lines' }
  /** The end of the chain when a file was begun or closed. Kept elsewhere, it shows the loss of whole files. */
  | { readonly type: 'head'; readonly host: string; readonly seq: number; readonly mac: string };
