// Every error that this package raises itself. What `load` throws is passed on as it is.

const RETRYABLE = {
  store_unavailable: true,
  load_timeout: true,
  load_overtaken: true,
  cache_busy: true,
  cache_closed: false,
} as const;

/** The stable identity of an error of this package. */
export type ToolCacheErrorCode = keyof typeof RETRYABLE;

/** An error of this package; `code` is stable, the message names the subject. */
export class ToolCacheError extends Error {
  override readonly name: string = 'ToolCacheError';
  readonly code: ToolCacheErrorCode;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  constructor(code: ToolCacheErrorCode, message: string) {
    super(message);
    this.code = code;
    this.retryable = RETRYABLE[code];
  }
}

/**
 * The shared store did not answer, or not in time. The reason is in the message and not in `cause`, because a Redis
 * client's error carries the arguments of its command: whole tool lists in a log line.
 */
export class StoreUnavailable extends ToolCacheError {
  override readonly name: string = 'StoreUnavailable';

  constructor(reason: string) {
    super('store_unavailable', `The tool list store is unavailable: ${reason}`);
  }
}

/** A load that ran into its time limit. */
export function loadTimeoutError(site: string, timeoutMs: number): ToolCacheError {
  return new ToolCacheError(
    'load_timeout',
    `The tools of site "${site}" were not listed within ${timeoutMs} ms`,
  );
}

/** The reason a running load sees when its list has been invalidated meanwhile. */
export function loadOvertakenError(site: string): ToolCacheError {
  return new ToolCacheError('load_overtaken', `The tools of site "${site}" changed while they were listed`);
}

/** Too many loads are in flight. */
export function cacheBusyError(maxLoads: number): ToolCacheError {
  return new ToolCacheError('cache_busy', `${maxLoads} tool lists are being loaded already`);
}

/** The cache was closed. */
export function cacheClosedError(): ToolCacheError {
  return new ToolCacheError('cache_closed', 'The tool cache is closed');
}
