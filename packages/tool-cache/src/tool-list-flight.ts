// One trip for one key: the shared store first, then, under a lock that keeps other replicas waiting, upstream.
import type { Answer } from './answer.ts';
import { createAnswer } from './answer.ts';
import type { Discovered } from './discovery.ts';
import { createDiscovery } from './discovery.ts';
import type { FlightPlan, ToolListAnswer, ToolListFailure, ToolListRequest } from './flight-plan.ts';
import { createReplicaLookup } from './replica-lookup.ts';
import type { StoredToolList } from './tool-list.ts';

/** A trip under way. None of its promises rejects. */
export interface Flight {
  /** The next thing this flight can say to somebody who asks now. */
  answer(): Promise<ToolListAnswer | ToolListFailure>;
  /** Settles when nothing is left to do, the write to the shared store included. */
  readonly done: Promise<void>;
  /** When the running load began, in ms since the epoch; `undefined` when none runs. */
  loadBeganAt(): number | undefined;
  /** The key was invalidated: what is being loaded, or was answered already, is no longer current. */
  restart(): void;
  /** Gives up; whoever waits gets what is known, or this error. */
  stop(reason: Error): void;
}

/** What one flight is for. */
export interface FlightOptions<Request extends ToolListRequest> {
  readonly plan: FlightPlan<Request>;
  readonly request: Request;
  /** Called when upstream has answered or is not needed, before anybody hears of it: the next flight may start. */
  readonly onLanded: () => void;
}

interface Landing<Request extends ToolListRequest> extends FlightOptions<Request> {
  readonly answer: Answer;
}

/** Starts the trip. */
export function startFlight<Request extends ToolListRequest>(options: FlightOptions<Request>): Flight {
  const { plan, request, onLanded } = options;
  const stopping = new AbortController();
  const stop = stopping.signal;
  const answer = createAnswer();
  const replicas = createReplicaLookup({ plan, request, answer, onLanded, stop });
  const discovery = createDiscovery({ plan, request, stop });

  async function travel(): Promise<void> {
    if (await replicas.take()) return;
    const lock = await replicas.lock();
    if (lock === 'not needed') return;
    try {
      // Between the first look and the lock another replica may have finished.
      if (lock !== 'none' && (await replicas.take())) return;
      replicas.report();
      await land({ ...options, answer }, await discovery.run());
    } finally {
      if (lock !== 'none') await lock();
    }
  }

  function crash(error: unknown): void {
    onLanded();
    giveWhatIsKnown({ ...options, answer }, stop.aborted ? stop.reason : error);
  }

  return {
    answer: () => answer.wait(),
    done: travel().catch(crash),
    loadBeganAt: () => discovery.beganAt(),
    restart: () => {
      answer.renew();
      discovery.restart();
    },
    stop: (reason) => stopping.abort(reason),
  };
}

async function land<Request extends ToolListRequest>(
  landing: Landing<Request>,
  discovered: Discovered,
): Promise<void> {
  const { plan, request, answer, onLanded } = landing;
  const { known, emit } = plan;
  const { key, site } = request;
  if (discovered.kind === 'failed') {
    const { error, durationMs } = discovered;
    known.fail(key, error);
    onLanded();
    giveWhatIsKnown(landing, error);
    emit({ type: 'lookup', site, tier: 'upstream', result: 'miss' });
    emit({ type: 'load-failed', site, key, error, durationMs });
    return;
  }
  const { list, isOvertaken, durationMs } = discovered;
  const previous = known.look(key)?.list;
  known.keep(key, list);
  onLanded();
  answer.give({ kind: 'list', list, age: isOvertaken ? 'stale' : 'fresh' });
  emit({ type: 'lookup', site, tier: 'upstream', result: 'hit' });
  emit({ type: 'loaded', site, key, ...(previous && { previous }), list, durationMs });
  if (!isOvertaken) await share(plan, request, list);
}

async function share<Request extends ToolListRequest>(
  { known, shared }: FlightPlan<Request>,
  { key }: Request,
  list: StoredToolList,
): Promise<void> {
  await shared.write(key, list);
  // An invalidation during the write may have found nothing to remove yet.
  if (known.isOvertaken(key, list.fetchedAt)) await shared.remove(key);
}

function giveWhatIsKnown<Request extends ToolListRequest>(landing: Landing<Request>, error: unknown): void {
  const list = landing.plan.known.look(landing.request.key)?.list;
  landing.answer.give(
    list === undefined ? { kind: 'failed', error } : { kind: 'list', list, age: 'stale', error },
  );
}
