// What the emulator was asked, without any secret, for tests and the demo to look at.
import type { EmulatorSettings, Generation } from './emulator-options.ts';

/** One request as the endpoint understood it. */
export interface RecordedRequest {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly httpMethod: string;
  readonly path: string;
  readonly lane: string;
  readonly generation: Generation;
  /** JSON-RPC method; absent for GET, DELETE and bodies that are no request. */
  readonly method?: string;
  /** The tool that runs: inside execute* the inner one. */
  readonly tool?: string;
  /** UUID, also when the call named the site by URL. */
  readonly cloudId?: string;
  readonly arguments?: unknown;
  readonly params?: unknown;
  /** The accountId. */
  readonly account?: string;
  readonly sessionId?: string;
  readonly rpcId?: unknown;
}

/** A bounded list of requests, oldest first. */
export interface Journal {
  record(request: RecordedRequest): void;
  requests(): RecordedRequest[];
  clear(): void;
}

/** Remembers the last `settings.journalLimit` requests. */
export function createJournal(settings: Readonly<EmulatorSettings>): Journal {
  let requests: RecordedRequest[] = [];
  return {
    record(request) {
      requests.push(request);
      // Trimming at twice the limit keeps the cost of a request constant.
      if (requests.length >= settings.journalLimit * 2) requests = lastOf(requests, settings.journalLimit);
    },
    requests: () => lastOf(requests, settings.journalLimit),
    clear() {
      requests = [];
    },
  };
}

function lastOf(requests: readonly RecordedRequest[], count: number): RecordedRequest[] {
  return requests.slice(Math.max(0, requests.length - count));
}
