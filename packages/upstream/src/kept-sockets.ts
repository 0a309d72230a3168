import { type Job, OriginSockets } from './origin-sockets.ts';
import type { Flow } from './passed-answer.ts';
import type { ResponseHead } from './response-head.ts';

/**
 * Connections to the sites, kept open. A client of our own because it carries every call: it costs
 * less than half of undici's (docs/performance.md), and all that it must do is POST a body and read
 * what comes back. Everything rarer (probes, streams, goodbyes) goes through undici.
 */
export interface KeptSockets {
  /** Sends a request; returns the way to give it up, which ends its connection. */
  post(request: PostRequest, sink: PostSink): () => void;
  /** Ends every connection; requests under way fail. */
  close(): void;
}

export interface PostRequest {
  readonly url: URL;
  /** Ready header lines, each with its line end. */
  readonly headers: string;
  readonly body: string;
}

/** What becomes of a request; after `end` or `failed` nothing more is told. */
export interface PostSink {
  /** `flow` holds the response's bytes back; what was read already still comes. */
  head(head: ResponseHead, flow: Flow): void;
  /** The bytes are valid during the call only. */
  data(chunk: Buffer): void;
  end(): void;
  /** `sent` is false only when not a byte of the request left this process. */
  failed(error: Error, sent: boolean): void;
}

const SWEEP_MS = 2_000;

interface Place {
  readonly origin: OriginSockets;
  /** The first lines of each request there. */
  readonly start: string;
}

/** `maxPerOrigin` connections to one origin; further requests wait their turn. */
export function createKeptSockets(options: {
  readonly maxPerOrigin: number;
  readonly connectTimeoutMs: number;
}): KeptSockets {
  const origins = new Map<string, OriginSockets>();
  let isClosed = false;
  const sweep = setInterval(() => {
    for (const origin of origins.values()) origin.closeIdle(Date.now());
  }, SWEEP_MS).unref();

  function originOf({ origin }: URL): OriginSockets {
    const known = origins.get(origin);
    if (known) return known;
    const created = new OriginSockets(options);
    origins.set(origin, created);
    return created;
  }

  /** A session has one URL object as long as it lives: what follows from it is made once. */
  const places = new WeakMap<URL, Place>();
  function placeOf(url: URL): Place {
    const known = places.get(url);
    if (known) return known;
    const start = `POST ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n`;
    const place = { origin: originOf(url), start };
    places.set(url, place);
    return place;
  }

  return {
    post(request, sink) {
      if (isClosed) {
        queueMicrotask(() => sink.failed(new Error('closed'), false));
        return () => {};
      }
      const { origin, start } = placeOf(request.url);
      const job: Job = { request, start, sink, connection: undefined, isSent: false, isOver: false };
      origin.start(job);
      return () => origin.giveUp(job);
    },
    close() {
      isClosed = true;
      clearInterval(sweep);
      for (const origin of origins.values()) origin.close();
    },
  };
}
