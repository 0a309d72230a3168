// Streamable HTTP sessions. One belongs to a caller and a lane and is forgotten after a time without use.
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import type { Generation } from './emulator-options.ts';

/** Whose a session is. */
interface SessionOwner {
  readonly authorization: string;
  readonly lane: string;
}

/** One open session. */
interface Session extends SessionOwner {
  readonly id: string;
  readonly generation: Generation;
  readonly streams: Set<ServerResponse>;
  lastUsedMs: number;
}

/** The open sessions of an emulator. */
export interface Sessions {
  open(owner: SessionOwner, generation: Generation): Session;
  /** The session, when it exists, has not expired and belongs to this owner. */
  find(id: string, owner: SessionOwner): Session | undefined;
  end(id: string): void;
  endAll(): void;
  all(): Iterable<Session>;
  readonly size: number;
}

const MOST_SESSIONS = 100_000;

/** Keeps sessions for `ttlMs` milliseconds after their last use; `now` is a clock in milliseconds. */
export function createSessions(ttlMs: number, now: () => number = Date.now): Sessions {
  const sessions = new Map<string, Session>();
  const end = (id: string): void => {
    const session = sessions.get(id);
    if (session === undefined) return;
    sessions.delete(id);
    for (const stream of session.streams) stream.end();
  };
  return {
    open(owner, generation) {
      const [oldest] = sessions.keys();
      if (sessions.size >= MOST_SESSIONS && oldest !== undefined) end(oldest);
      const session = {
        ...owner,
        generation,
        id: randomUUID(),
        streams: new Set<ServerResponse>(),
        lastUsedMs: now(),
      };
      sessions.set(session.id, session);
      return session;
    },
    find(id, owner) {
      const session = sessions.get(id);
      if (session === undefined) return undefined;
      if (now() - session.lastUsedMs > ttlMs) {
        end(id);
        return undefined;
      }
      // A session id is no credential: another caller's id is answered like an unknown one.
      if (session.authorization !== owner.authorization || session.lane !== owner.lane) return undefined;
      session.lastUsedMs = now();
      return session;
    },
    end,
    endAll() {
      for (const id of sessions.keys()) end(id);
    },
    all: () => sessions.values(),
    get size() {
      return sessions.size;
    },
  };
}
