import { randomUUID } from 'node:crypto';

import type { DurableState } from '@switchyard/identity';
import type { CancelSignal } from '@switchyard/upstream';
import { errorText, INTERNAL_ERROR } from '@switchyard/wire';

import type { NextTurn, ParkedCall, ParkedCalls, TurnAnswer } from './parked-calls.ts';
import type { ReplicaNews } from './replica-news.ts';
import type { Sealer } from './sealer.ts';

/** Calls that another replica has parked. */
export interface ParkedElsewhere {
  /**
   * Has the replica that holds a call go on with it. Undefined: none holds it for this caller, or none can be asked;
   * `lost`: one did, and was not heard of again. Never rejects.
   */
  goOn(taking: Taking): Promise<TurnAnswer | 'lost' | undefined>;
  close(): void;
}

interface Taking {
  readonly id: string;
  /** The caller. */
  readonly owner: string;
  /** The caller's own: the answer comes back under it. */
  readonly sealer: Sealer;
  readonly next: NextTurn;
  readonly signal: CancelSignal;
  readonly waitMs: number;
}

type News =
  | ({ readonly kind: 'go-on'; readonly asker: string } & Pick<Taking, 'id' | 'owner' | 'next'>)
  /** A replica holds it and goes on. */
  | { readonly kind: 'taken' | 'answered'; readonly asker: string }
  /** Who asked does not wait any more. */
  | { readonly kind: 'left'; readonly asker: string };

const CHANNEL = 'parked-calls';
const TURN = 'turn';
/** How long a replica that holds the call has to say so. */
const TAKEN_MS = 2_000;
/** How long an answer may lie in Redis until it is fetched. */
const STORED_MS = 30_000;
const MAX_ASKING = 500;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

interface Parts {
  readonly news: ReplicaNews;
  readonly state: Pick<DurableState, 'put' | 'take'>;
  readonly parked: ParkedCalls;
}

/** What is asked goes as news, what a turn ends with lies in Redis for a moment; all of it is sealed. */
export function createParkedElsewhere(parts: Parts): ParkedElsewhere {
  const { news, state } = parts;
  const holding = createHolding(parts);
  const asking = new Map<string, Hearing>();

  const leave = news.hear(CHANNEL, (value) => {
    const heard = value as News;
    if (heard.kind === 'go-on') void holding.goOn(heard);
    else if (heard.kind === 'left') holding.abandon(heard.asker);
    else asking.get(heard.asker)?.hear(heard.kind);
  });

  async function fetched(asker: string, sealer: Sealer): Promise<TurnAnswer | 'lost'> {
    const sealed = await state.take(keyOf(asker)).catch(() => undefined);
    const found = sealed === undefined ? undefined : sealer.open(TURN, sealed);
    return found === undefined ? 'lost' : unpacked(found as Packed);
  }

  /** The asker is known to the others until it is settled. */
  async function ask(asker: string, taking: Taking, left: () => void): ReturnType<ParkedElsewhere['goOn']> {
    const { sealer, signal: _signal, waitMs, ...request } = taking;
    const hearing = createHearing();
    asking.set(asker, hearing);
    if (!(await news.tell(CHANNEL, { kind: 'go-on', asker, ...request } satisfies News))) return undefined;
    if (await within(hearing.taken, TAKEN_MS))
      return (await within(hearing.answered, waitMs)) ? fetched(asker, sealer) : 'lost';
    // One that takes it yet, too late, must not go on with it: the client is told to call again.
    left();
    return undefined;
  }

  return {
    async goOn(taking) {
      if (asking.size >= MAX_ASKING) return undefined;
      const asker = randomUUID();
      const left = (): void => void news.tell(CHANNEL, { kind: 'left', asker } satisfies News);
      taking.signal.addEventListener('abort', left);
      try {
        return await ask(asker, taking, left);
      } finally {
        taking.signal.removeEventListener('abort', left);
        asking.delete(asker);
      }
    },
    close: leave,
  };
}

/** The side of the replica that holds calls which others ask for. */
function createHolding({ news, state, parked }: Parts): {
  goOn(asked: Extract<News, { kind: 'go-on' }>): Promise<void>;
  abandon(asker: string): void;
} {
  const running = new Map<string, ParkedCall>();
  return {
    async goOn({ id, owner, next, asker }) {
      const call = parked.take(id, owner);
      if (!call) return;
      running.set(asker, call);
      void news.tell(CHANNEL, { kind: 'taken', asker } satisfies News);
      const answer = await call.goOn(next).catch(() => ownError(next.idText, 'Internal error'));
      running.delete(asker);
      const sealed = call.sealer.seal(TURN, packed(answer, next.idText));
      await state.put(keyOf(asker), sealed, { ttlMs: STORED_MS }).catch(() => {});
      void news.tell(CHANNEL, { kind: 'answered', asker } satisfies News);
    },
    abandon: (asker) => running.get(asker)?.abandon(),
  };
}

function keyOf(asker: string): string {
  return `turn:${asker}`;
}

/** What is heard of a call that another replica holds. */
interface Hearing {
  readonly taken: Promise<void>;
  readonly answered: Promise<void>;
  hear(kind: 'taken' | 'answered'): void;
}

function createHearing(): Hearing {
  const heard = { taken: () => {}, answered: () => {} };
  const taken = new Promise<void>((resolve) => void (heard.taken = resolve));
  const answered = new Promise<void>((resolve) => void (heard.answered = resolve));
  return {
    taken,
    answered,
    hear(kind) {
      heard.taken();
      if (kind === 'answered') heard.answered();
    },
  };
}

/** Whether it happened in time. */
async function within(event: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const inTime = await Promise.race([event.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

interface Packed extends Omit<TurnAnswer, 'pieces'> {
  /** Base64: the bytes that the site sent, whatever they are (I7). */
  readonly body: string;
}

function packed(answer: TurnAnswer, idText: string): Packed {
  const body = Buffer.concat(answer.pieces);
  if (body.length > MAX_ANSWER_BYTES) return packed(ownError(idText, TOO_LARGE), idText);
  return { body: body.toString('base64'), status: answer.status, errorType: answer.errorType };
}

const TOO_LARGE =
  'The call has run, and its answer is too large to be brought here from another replica: look before you repeat it';

function unpacked({ body, status, errorType }: Packed): TurnAnswer {
  return { pieces: [Buffer.from(body, 'base64')], status, errorType };
}

function ownError(idText: string, message: string): TurnAnswer {
  const text = errorText(idText, { code: INTERNAL_ERROR, message });
  return { pieces: [Buffer.from(text)], status: 200, errorType: 'internal' };
}
