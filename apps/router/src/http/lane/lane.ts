import type { Socket } from 'node:net';

import { createHeadEnd } from './head-end.ts';
import { LaneConnection, type LaneRules } from './lane-connection.ts';

/**
 * Serves plain MCP POSTs straight from their sockets; node's own server costs more than all that Switchyard does with
 * one. Whatever is not plainly such a request goes to node's server with its connection, unanswered and unchanged, so
 * there is one reader of everything doubtful (docs/decisions/0026).
 */
export interface Lane {
  /** Takes a new connection of which nothing has been read. */
  take(socket: Socket): void;
  /** Takes no further request: idle connections end now, the others after their answer. */
  close(): void;
  /** Ends them all. */
  cut(): void;
}

/** Times in milliseconds. */
export interface LaneOptions extends Pick<LaneRules, 'post' | 'silentMs' | 'keepAliveMs'> {
  /** Node's own server, which takes connections from here. */
  readonly serve: (socket: Socket) => void;
  readonly partialMs?: number;
  readonly stalledMs?: number;
  readonly sweepMs?: number;
  /** Bytes that may wait for readers, those of all connections together. */
  readonly maxWaitingBytes?: number;
}

const PARTIAL_MS = 5_000;
const STALLED_MS = 120_000;
const SWEEP_MS = 1_000;
const MAX_WAITING_BYTES = 256 * 1024 * 1024;

export function createLane(options: LaneOptions): Lane {
  const { serve, keepAliveMs, sweepMs = SWEEP_MS, maxWaitingBytes = MAX_WAITING_BYTES } = options;
  const connections = new Set<LaneConnection>();
  const state = { isClosing: false, now: Date.now() };
  const rules: LaneRules = {
    partialMs: PARTIAL_MS,
    stalledMs: STALLED_MS,
    ...options,
    headEnd: createHeadEnd({ keepAliveMs }),
    isClosing: () => state.isClosing,
    now: () => state.now,
    handOver(connection, unread) {
      const { socket } = connection;
      connections.delete(connection);
      socket.pause();
      socket.unshift(unread);
      serve(socket);
      socket.resume();
    },
  };
  const sweep = setInterval(() => {
    state.now = Date.now();
    for (const connection of connections) connection.check();
    cutSlowest(connections, maxWaitingBytes);
  }, sweepMs).unref();

  return {
    take(socket) {
      const connection = new LaneConnection(socket, rules);
      connections.add(connection);
      socket.once('close', () => connections.delete(connection));
    },
    close() {
      state.isClosing = true;
      for (const { isIdle, socket } of connections) if (isIdle) socket.destroy();
    },
    cut() {
      clearInterval(sweep);
      for (const { socket } of connections) socket.destroy();
    },
  };
}

/** Readers that do not read hold memory: beyond the bound, those whose answers have waited longest lose them. */
function cutSlowest(connections: Iterable<LaneConnection>, maxBytes: number): void {
  const slow = [...connections].filter(({ waiting }) => waiting.bytes > 0);
  let total = slow.reduce((sum, { waiting }) => sum + waiting.bytes, 0);
  if (total <= maxBytes) return;
  for (const { waiting, socket } of slow.toSorted((a, b) => a.waiting.since - b.waiting.since)) {
    if (total <= maxBytes) return;
    total -= waiting.bytes;
    socket.destroy();
  }
}
