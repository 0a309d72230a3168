import type { IncomingMessage, ServerResponse } from 'node:http';

/** Progress of one call as server-sent events: opened by the first notification, ended by the answer. */
export interface EventStream {
  /** A message of the site that came before its answer. */
  readonly notify: (message: Buffer) => void;
  isOpen(): boolean;
  end(pieces: readonly Buffer[]): void;
}

/** Undefined when nothing can be delivered: the client did not ask for progress, or does not take streams. */
export function createEventStream(
  req: IncomingMessage,
  res: ServerResponse,
  params: Readonly<Record<string, unknown>>,
): EventStream | undefined {
  const token = progressToken(params);
  if (token === undefined || !req.headers.accept?.includes('text/event-stream')) return undefined;
  return {
    notify(message) {
      if (!isProgress(message, token) || res.writableEnded) return;
      if (!res.headersSent) {
        res.writeHead(200, {
          'content-type': 'text/event-stream',
          'cache-control': 'no-cache',
          'x-accel-buffering': 'no',
        });
      }
      res.write(`event: message\ndata: ${message.toString('utf8')}\n\n`);
    },
    isOpen: () => res.headersSent,
    end(pieces) {
      res.cork();
      res.write('event: message\ndata: ');
      // Line ends inside JSON are white space; inside an event they would end the data.
      for (const piece of pieces)
        res.write(piece.includes(0x0a) || piece.includes(0x0d) ? oneLine(piece) : piece);
      res.end('\n\n');
      res.uncork();
    },
  };
}

function progressToken(params: Readonly<Record<string, unknown>>): string | number | undefined {
  const meta = params['_meta'];
  if (meta === null || typeof meta !== 'object' || !('progressToken' in meta)) return undefined;
  const token = meta.progressToken;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

/** Only the caller's own progress: sessions are shared, and logging was not asked for. */
function isProgress(message: Buffer, token: string | number): boolean {
  try {
    const { method, params } = JSON.parse(message.toString('utf8')) as {
      method?: unknown;
      params?: { progressToken?: unknown };
    };
    return method === 'notifications/progress' && params?.progressToken === token;
  } catch {
    return false;
  }
}

function oneLine(piece: Buffer): string {
  return piece.toString('utf8').replaceAll(/[\r\n]+/g, ' ');
}
