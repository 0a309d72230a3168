import type { Circuit } from './circuit.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { retrying } from './retry.ts';
import type { SendOnce } from './session-calls.ts';
import type { UpstreamAnswer, UpstreamEvent, UpstreamRequest, UpstreamTarget } from './target.ts';
import { UpstreamError } from './upstream-error.ts';

/** Sends a request, again where that cannot write twice. Rejects with UpstreamError. */
export type Send = (target: UpstreamTarget, request: UpstreamRequest) => Promise<UpstreamAnswer>;

/** The way of a request from the circuit to its answer. Success, which is the rule, takes one promise of its own. */
export function createSending(options: {
  readonly sendOnce: SendOnce;
  readonly circuitOf: (site: string) => Circuit;
  readonly now: () => number;
  readonly onEvent: (event: UpstreamEvent) => void;
}): Send {
  const { sendOnce, circuitOf, now, onEvent } = options;

  return function send(target, request) {
    const circuit = circuitOf(target.site);
    if (!circuit.admits()) return Promise.reject(circuitOpen(target));
    const startedAt = now();
    const deadline = startDeadline(target.site, request.timeoutMs, request.signal);

    function over(errorType: string | undefined): void {
      deadline.clear();
      onEvent({
        type: 'operation',
        method: request.method,
        site: target.site,
        errorType,
        durationMs: now() - startedAt,
      });
    }
    function succeed(answer: UpstreamAnswer): UpstreamAnswer {
      circuit.succeeded();
      over(undefined);
      return answer;
    }
    return sendOnce(target, request, deadline).then(succeed, (error: unknown) =>
      again({ target, request, deadline, circuit }, error).then(succeed, (last: unknown) => {
        const known = last instanceof UpstreamError ? last : undefined;
        over(known?.code ?? 'unavailable');
        if (known?.brokenOff) onEvent({ type: 'broken-off', site: target.site, reason: known.code });
        throw last;
      }),
    );
  };

  /** The first try has failed: the others, if there may be any. */
  function again({ target, request, deadline, circuit }: Sending, first: unknown): Promise<UpstreamAnswer> {
    let tried: Promise<UpstreamAnswer> | undefined = Promise.reject(first);
    const work = (): Promise<UpstreamAnswer> => {
      const now = tried ?? sendOnce(target, request, deadline);
      tried = undefined;
      return now;
    };
    return retrying(work, {
      idempotent: request.idempotent,
      isOver: () => deadline.reason !== undefined,
      onFailure: (error) => judge(error, request, circuit),
      onRetry: (reason) => onEvent({ type: 'retry', site: target.site, reason }),
    });
  }
}

interface Sending {
  readonly target: UpstreamTarget;
  readonly request: UpstreamRequest;
  readonly deadline: Deadline;
  readonly circuit: Circuit;
}

function circuitOpen({ site }: UpstreamTarget): UpstreamError {
  return new UpstreamError('circuit_open', `${site} failed repeatedly a moment ago`, {
    mayHaveExecuted: false,
  });
}

/**
 * A site is sick when it cannot be reached or hangs on what is always quick, like opening a session; a bad
 * credential is not the site, and a tool that takes too long says nothing either way.
 */
function judge(error: UpstreamError, request: UpstreamRequest, circuit: Circuit): void {
  const isQuick = request.method !== 'tools/call' || !error.mayHaveExecuted;
  if (error.code === 'unavailable' || (error.code === 'timeout' && isQuick)) circuit.failed();
  else if (error.code !== 'cancelled' && error.code !== 'timeout') circuit.succeeded();
}
