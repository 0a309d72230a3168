import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

import type { ServePost } from './lane/lane-connection.ts';
import { createLane, type Lane } from './lane/lane.ts';

/** A listening socket that can be closed without cutting what is under way. */
export interface Listener {
  /** `http://127.0.0.1:8080`, with the port that was really given. */
  readonly url: string;
  /** Takes no new connection and waits for what is under way; cuts it after `drainMs`. Idempotent. */
  close(drainMs: number): Promise<void>;
}

/** Slow senders are bounded; answers are not: a tool may think for minutes. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 75_000;

/** With `post`, plain MCP POSTs take the lane. Rejects with the system's error when the address cannot be had. */
export async function listen(
  handler: RequestListener,
  { host, port }: { host: string; port: number },
  post?: ServePost,
): Promise<Listener> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    handler,
  );
  const lane = post && insertLane(server, post);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { url: urlOf(server, host), close: (drainMs) => drain({ server, lane, sockets }, drainMs) };
}

/** The lane sees every connection first; node's own server is who it hands them to. */
function insertLane(server: Server, post: ServePost): Lane {
  const own = server.listeners('connection');
  server.removeAllListeners('connection');
  const lane = createLane({
    post,
    silentMs: HEADERS_TIMEOUT_MS,
    keepAliveMs: KEEP_ALIVE_MS,
    serve(socket) {
      for (const listener of own) Reflect.apply(listener, server, [socket]);
    },
  });
  server.on('connection', lane.take);
  return lane;
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

interface Open {
  readonly server: Server;
  readonly lane: Lane | undefined;
  readonly sockets: ReadonlySet<Socket>;
}

/** How often a stopping listener looks for connections that have become idle: Node closes only those that are so at once. */
const SWEEP_MS = 20;

async function drain({ server, lane, sockets }: Open, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  lane?.close();
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    // Node takes a connection on which nothing was ever said for a busy one; clients open such ones in advance.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  }, SWEEP_MS);
  const cut = setTimeout(() => {
    lane?.cut();
    server.closeAllConnections();
  }, drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
  lane?.cut();
}
