import type { Dispatcher } from 'undici';

import { listenToSite } from './modern-stream.ts';
import type { Session } from './session.ts';
import type { Stagger } from './stagger.ts';
import type { UpstreamTarget } from './target.ts';

/** What somebody wants to hear of a site. */
export interface Interest {
  /** Resources whose contents are of interest, besides all lists. */
  readonly uris: readonly string[];
  /** The site must not be asked just now. */
  readonly isClosed: () => boolean;
}

/** A site that is asked to tell what changes there as long as somebody wants to hear it. */
export interface SiteWatch {
  join(interest: Interest): void;
  /** True: nobody is left, and it has ended. */
  leave(interest: Interest): boolean;
  close(): void;
}

export interface SiteWatchOptions {
  readonly target: UpstreamTarget;
  /** The way to a site of the modern era; undefined: it has sessions, and tells on their streams. */
  readonly openModern: (target: UpstreamTarget) => Promise<Session | undefined>;
  /** For long streams. */
  readonly dispatcher: Dispatcher;
  readonly stagger: Stagger;
  readonly onNotification: (method: string, params: unknown) => void;
}

/** How one try ended. `changed`: what is to be heard is no longer the same. */
type Outcome = 'legacy' | 'closed' | 'changed' | 'ended' | 'failed';

const PAUSE_MS: Readonly<Record<Exclude<Outcome, 'failed'>, number>> = {
  legacy: 3_600_000,
  closed: 10_000,
  // Clients that come together are one change.
  changed: 100,
  ended: 1_000,
};
const LONGEST_PAUSE_MS = 300_000;
/** What lived this long is no failure when it ends. */
const LIVED_MS = 60_000;
const MAX_URIS = 1_000;

export function createSiteWatch(options: SiteWatchOptions, first: Interest): SiteWatch {
  const state: State = {
    interests: new Set([first]),
    session: undefined,
    isOver: false,
    listening: undefined,
    resume: () => {},
  };

  function close(): void {
    state.isOver = true;
    withdraw();
    state.listening?.abort();
    state.resume();
  }

  const withdraw = options.stagger.begin(() => void follow(options, state));
  return {
    join(interest) {
      const known = urisOf(state);
      state.interests.add(interest);
      if (interest.uris.some((uri) => !known.includes(uri))) state.listening?.abort();
    },
    leave(interest) {
      state.interests.delete(interest);
      const isLast = state.interests.size === 0;
      if (isLast) close();
      return isLast;
    },
    close,
  };
}

interface State {
  readonly interests: Set<Interest>;
  session: Session | undefined;
  isOver: boolean;
  /** Ends the stream that is open, or being opened. */
  listening: AbortController | undefined;
  /** Ends the pause before the next one. */
  resume: () => void;
}

async function follow(options: SiteWatchOptions, state: State): Promise<void> {
  let failures = 0;
  while (!state.isOver) {
    const outcome = await listen(options, state);
    failures = outcome === 'failed' ? failures + 1 : 0;
    if (!state.isOver) await pause(state, outcome === 'failed' ? backoffMs(failures) : PAUSE_MS[outcome]);
  }
}

async function listen(options: SiteWatchOptions, state: State): Promise<Outcome> {
  const { target, openModern, dispatcher, onNotification } = options;
  if ([...state.interests].every(({ isClosed }) => isClosed())) return 'closed';
  const startedAt = Date.now();
  const { signal } = (state.listening = new AbortController());
  try {
    await target.credential.fresh?.();
    state.session ??= await openModern(target);
    const { session } = state;
    if (!session) return 'legacy';
    await listenToSite({ session, uris: urisOf(state), dispatcher, signal, onNotification });
  } catch {
    // Whatever is wrong there may be over when it is asked again; its lists say what is wrong with a site.
    if (!signal.aborted) state.session = undefined;
  } finally {
    state.listening = undefined;
  }
  if (signal.aborted) return 'changed';
  return Date.now() - startedAt < LIVED_MS ? 'failed' : 'ended';
}

function pause(state: State, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    state.resume = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function urisOf({ interests }: State): string[] {
  return [...new Set([...interests].flatMap(({ uris }) => uris))].slice(0, MAX_URIS);
}

/** Jitter keeps the watches of a site that just came back from arriving together. */
function backoffMs(failures: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, PAUSE_MS.ended * 2 ** (failures - 1));
  return longest * (0.5 + Math.random() / 2);
}
