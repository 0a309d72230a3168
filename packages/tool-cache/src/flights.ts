// The flights of one cache: one per key at a time, and not too many at once.
import { cacheBusyError, cacheClosedError } from './errors.ts';
import type { FlightPlan, ToolListFailure, ToolListRequest } from './flight-plan.ts';
import type { Flight } from './tool-list-flight.ts';
import { startFlight } from './tool-list-flight.ts';
import type { ToolListKey } from './tool-list.ts';
import { toolListKeyText } from './tool-list.ts';

/** What is under way. */
export interface Flights<Request extends ToolListRequest> {
  /** The flight of this key, a new one if need be; or why there is none. */
  board(request: Request): { readonly kind: 'flight'; readonly flight: Flight } | ToolListFailure;
  find(key: ToolListKey): Flight | undefined;
  /** Stops every flight and waits until they have let go of their locks. Idempotent. */
  close(): Promise<void>;
}

/** Nothing under way yet; `maxLoads` bounds the flights whose upstream answer is open. */
export function createFlights<Request extends ToolListRequest>(
  plan: FlightPlan<Request>,
  maxLoads: number,
): Flights<Request> {
  const open = new Map<string, Flight>();
  const unfinished = new Set<Flight>();
  let isClosed = false;

  function board(request: Request): { readonly kind: 'flight'; readonly flight: Flight } | ToolListFailure {
    const name = toolListKeyText(request.key);
    const flight = open.get(name);
    if (flight !== undefined) return { kind: 'flight', flight };
    const failure = plan.known.failure(request.key);
    if (isClosed) return { kind: 'failed', error: cacheClosedError() };
    if (failure?.isRecent === true) return { kind: 'failed', error: failure.error };
    if (open.size >= maxLoads) return { kind: 'failed', error: cacheBusyError(maxLoads) };
    return { kind: 'flight', flight: start(name, request) };
  }

  function start(name: string, request: Request): Flight {
    const onLanded = (): void => {
      if (open.get(name) === flight) open.delete(name);
    };
    const flight = startFlight({ plan, request, onLanded });
    open.set(name, flight);
    unfinished.add(flight);
    void flight.done.then(() => unfinished.delete(flight));
    return flight;
  }

  async function close(): Promise<void> {
    isClosed = true;
    const last = [...unfinished];
    for (const flight of last) flight.stop(cacheClosedError());
    await Promise.all(last.map((flight) => flight.done));
  }

  return { board, find: (key) => open.get(toolListKeyText(key)), close };
}
