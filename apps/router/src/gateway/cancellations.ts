import { randomUUID } from 'node:crypto';

import type { InFlight } from './in-flight.ts';
import type { ReplicaNews } from './replica-news.ts';

/** Ends a request of a caller, whichever replica runs it. */
export interface Cancellations {
  cancel(caller: string, idText: string): void;
  close(): void;
}

const CHANNEL = 'cancellations';
/** How long the replicas have to say whether they run it. */
const HEAR_MS = 1_000;
const MAX_ASKING = 500;

interface Request {
  readonly caller: string;
  readonly idText: string;
}

type News =
  | ({ readonly kind: 'who'; readonly asker: string } & Request)
  | { readonly kind: 'mine'; readonly asker: string; readonly count: number }
  | ({ readonly kind: 'cancel' } & Request);

/**
 * What does not run here is asked for on the other replicas. Only one that runs once in all of them is ended: of two
 * clients of one caller that use one id it is not known which is meant. Without Redis nobody else hears of it.
 */
export function createCancellations(inFlight: InFlight, news: ReplicaNews): Cancellations {
  const asking = new Map<string, { found: number }>();

  const leave = news.hear(CHANNEL, (value) => {
    const heard = value as News;
    if (heard.kind === 'cancel') return inFlight.cancel(heard.caller, heard.idText);
    if (heard.kind === 'mine') {
      const asked = asking.get(heard.asker);
      if (asked) asked.found += heard.count;
      return;
    }
    const count = inFlight.count(heard.caller, heard.idText);
    if (count > 0) void news.tell(CHANNEL, { kind: 'mine', asker: heard.asker, count } satisfies News);
  });

  async function askOthers(request: Request): Promise<void> {
    if (asking.size >= MAX_ASKING) return;
    const asker = randomUUID();
    const asked = { found: 0 };
    asking.set(asker, asked);
    const told = await news.tell(CHANNEL, { kind: 'who', asker, ...request } satisfies News);
    if (told) await new Promise<void>((resolve) => void setTimeout(resolve, HEAR_MS).unref());
    asking.delete(asker);
    if (asked.found === 1) await news.tell(CHANNEL, { kind: 'cancel', ...request } satisfies News);
  }

  return {
    cancel(caller, idText) {
      if (idText === '') return;
      if (inFlight.count(caller, idText) > 0) inFlight.cancel(caller, idText);
      else void askOthers({ caller, idText });
    },
    close: leave,
  };
}
