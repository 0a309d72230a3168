import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that says exactly what it is told, in the pieces that it is told. */
export interface RawClient {
  readonly socket: Socket;
  /** Sends a piece and lets it leave before anything else is sent. */
  send(piece: string | Buffer): Promise<void>;
  /** What has come until now. */
  received(): string;
  /** Waits until the text that has come passes the test or the server has ended the connection. */
  until(test: (received: string) => boolean): Promise<string>;
  /** Waits until the server has ended the connection. */
  ended(): Promise<string>;
}

export async function openRaw(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
  let text = '';
  const state = { isEnded: false };
  const news = new Set<() => void>();
  const tell = (): void => news.forEach((listener) => listener());
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    tell();
  });
  for (const event of ['end', 'close', 'error']) {
    socket.on(event, () => {
      state.isEnded = true;
      tell();
    });
  }
  await once(socket, 'connect');

  async function until(test: (received: string) => boolean): Promise<string> {
    while (!state.isEnded && !test(text)) {
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          news.delete(listener);
          resolve();
        };
        news.add(listener);
      });
    }
    return text;
  }
  return {
    socket,
    async send(piece) {
      if (socket.writable) await new Promise<void>((resolve) => void socket.write(piece, () => resolve()));
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
    received: () => text,
    until,
    ended: () => until(() => false),
  };
}

/** Answers as they stand on the wire; the date is the one thing that may differ. */
export function withoutDate(received: string): string {
  return received.replaceAll(/\r\nDate: [^\r]*/g, '\r\nDate: now');
}

/** How many whole answers with a length there are. */
export function countAnswers(received: string): number {
  let count = 0;
  for (let at = 0; ;) {
    const end = received.indexOf('\r\n\r\n', at);
    if (end === -1) return count;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(at, end))?.[1] ?? 0);
    at = end + 4 + length;
    if (at > received.length) return count;
    count += 1;
  }
}
