import { createHash } from 'node:crypto';

/** What a crash left of a line: its length and SHA-256, so that it stays as it is without breaking the chain. */
export interface Remains {
  readonly bytes: number;
  readonly digest: string;
}

/** What was wrong with a trail when Switchyard began to write it again; it cannot be mended, only be said. */
export type Damage = 'head' | 'tail' | 'lines';

/** The first line of each file. */
export interface OpenedFields {
  readonly event: 'opened';
  readonly host: string;
  /** Id of the key that the file is chained with. */
  readonly key: string;
  readonly recovered?: Remains | undefined;
  readonly damaged?: Damage | undefined;
}

/** The lines that the trail writes about itself. */
export type ControlFields =
  | OpenedFields
  /** The process ended in order. */
  | { readonly event: 'closed' }
  /** Events that could not be kept while the trail could not be written. */
  | { readonly event: 'lost'; readonly count: number }
  /** Files up to this line were older than the retention and are deleted. */
  | { readonly event: 'retention'; readonly through: number };

const CONTROL_EVENTS: readonly string[] = ['opened', 'closed', 'lost', 'retention'];

/** Reads a line whose MAC was right; undefined for lines about callers. */
export function readControl(event: string, line: Buffer): ControlFields | undefined {
  if (!CONTROL_EVENTS.includes(event)) return undefined;
  return JSON.parse(line.toString('utf8')) as ControlFields;
}

export function remainsOf(bytes: Buffer): Remains {
  return { bytes: bytes.length, digest: createHash('sha256').update(bytes).digest('base64url') };
}
