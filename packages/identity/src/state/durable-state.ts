/** A value with the number of times it was written. */
export interface StoredValue {
  readonly value: string;
  readonly version: number;
}

/** How a value is written: for how long, and on which condition. */
export interface PutOptions {
  /** Milliseconds until it is forgotten; absent: kept for ever. */
  readonly ttlMs?: number;
  /** 0: only when nothing is there; n: only over version n; absent: in any case. */
  readonly ifVersion?: number;
}

/** The right to be the only one, until it is released or its time is over. */
export interface StateLock {
  release(): Promise<void>;
}

/**
 * Where grants, links and enrolled tokens live: Redis, or this process alone. Values are opaque texts that their owners
 * seal. Every method rejects with `IdentityError` `state_unavailable` while the store does not answer: what was not
 * read is not known, and nobody is let in by it.
 */
export interface DurableState {
  get(key: string): Promise<StoredValue | undefined>;
  /** False when the condition did not hold: somebody else was faster. */
  put(key: string, value: string, options?: PutOptions): Promise<boolean>;
  /** True when it was there. */
  delete(key: string): Promise<boolean>;
  /** Reads and deletes in one step: of many who ask, one gets it. */
  take(key: string): Promise<string | undefined>;
  /** Sets of names, to find records by. `ttlMs` counts from the last addition. */
  addMember(set: string, member: string, ttlMs?: number): Promise<void>;
  removeMember(set: string, member: string): Promise<void>;
  members(set: string): Promise<string[]>;
  /** Undefined while another holds it, on whatever replica. */
  lock(key: string, ttlMs: number): Promise<StateLock | undefined>;
  /** Tells every replica, this one too. */
  publish(channel: string, message: string): Promise<void>;
  /**
   * Returns the way to stop. `onGap` is called when news may have been missed (the connection was lost): whoever keeps
   * copies must drop them.
   */
  subscribe(channel: string, onMessage: (message: string) => void, onGap?: () => void): () => void;
  close(): Promise<void>;
}
