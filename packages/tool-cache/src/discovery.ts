// Asks upstream, within a time limit, and once more when the list is invalidated while it is being loaded.
import { createDeferred } from './deferred.ts';
import { loadOvertakenError, loadTimeoutError } from './errors.ts';
import type { FlightPlan, ToolListRequest } from './flight-plan.ts';
import type { StoredToolList, ToolList } from './tool-list.ts';

/** How upstream answered. */
export type Discovered =
  | {
      readonly kind: 'loaded';
      readonly list: StoredToolList;
      /** Invalidated while it was loaded: good enough to show, not to keep as current. */
      readonly isOvertaken: boolean;
      readonly durationMs: number;
    }
  | { readonly kind: 'failed'; readonly error: unknown; readonly durationMs: number };

/** The upstream part of one flight. */
export interface Discovery {
  /** Rejects only with the reason of `stop`. */
  run(): Promise<Discovered>;
  /** When the running load began, in ms since the epoch; `undefined` when none runs. */
  beganAt(): number | undefined;
  /** What is being loaded is no longer current: load it again. */
  restart(): void;
}

/** What one discovery works with. */
export interface DiscoveryOptions<Request extends ToolListRequest> {
  readonly plan: FlightPlan<Request>;
  readonly request: Request;
  /** Ends the discovery at once. */
  readonly stop: AbortSignal;
}

interface Attempt {
  readonly beganAt: number;
  readonly isLast: boolean;
  readonly controller: AbortController;
}

/** With more, a site that reports a change on every list would keep its callers waiting for ever. */
const MAX_ATTEMPTS = 2;

/** A discovery that has not begun. */
export function createDiscovery<Request extends ToolListRequest>(
  options: DiscoveryOptions<Request>,
): Discovery {
  const { plan, request, stop } = options;
  const { known } = plan;
  let current: Attempt | undefined;

  async function run(): Promise<Discovered> {
    for (let count = 1; ; count += 1) {
      const discovered = await attempt(count === MAX_ATTEMPTS);
      if (discovered !== 'overtaken') return discovered;
    }
  }

  async function attempt(isLast: boolean): Promise<Discovered | 'overtaken'> {
    stop.throwIfAborted();
    const startedMs = performance.now();
    const beganAt = known.beginLoad(request.key);
    const controller = new AbortController();
    current = { beganAt, isLast, controller };
    const [loaded] = await Promise.allSettled([loadWithin(options, controller)]);
    current = undefined;
    stop.throwIfAborted();

    const isOvertaken = known.isOvertaken(request.key, beganAt);
    if (isOvertaken && !isLast) return 'overtaken';
    const durationMs = performance.now() - startedMs;
    if (loaded.status === 'rejected') return { kind: 'failed', error: loaded.reason, durationMs };
    const { tools, hash, underScoped } = loaded.value;
    return {
      kind: 'loaded',
      list: { tools, hash, underScoped, fetchedAt: beganAt },
      isOvertaken,
      durationMs,
    };
  }

  function restart(): void {
    if (current?.isLast === false) current.controller.abort(loadOvertakenError(request.site));
  }

  return { run, beganAt: () => current?.beganAt, restart };
}

/** One call of `load`; a load that does not heed its signal is left behind at the time limit. */
async function loadWithin<Request extends ToolListRequest>(
  { plan, request, stop }: DiscoveryOptions<Request>,
  controller: AbortController,
): Promise<ToolList> {
  const abandoned = createDeferred<never>();
  const giveUp = (reason: unknown): void => {
    controller.abort(reason);
    abandoned.reject(reason);
  };
  const onStop = (): void => giveUp(stop.reason);
  const { loadTimeoutMs } = plan;
  const timer = setTimeout(
    () => giveUp(loadTimeoutError(request.site, loadTimeoutMs)),
    loadTimeoutMs,
  ).unref();
  stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([plan.load(request, controller.signal), abandoned.promise]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}
