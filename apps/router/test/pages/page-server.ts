import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/** A form as it arrived. */
interface SentForm {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly fields: URLSearchParams;
}

/** What a server says to a request. */
export interface Answer {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

interface PageServer {
  readonly origin: string;
  readonly forms: SentForm[];
  close(): Promise<void>;
}

/** Serves what `answer` says over HTTP, and keeps the forms that come in. */
export async function startPageServer(answer: (path: string) => Answer): Promise<PageServer> {
  const forms: SentForm[] = [];
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.on('end', () => {
      const path = req.url ?? '/';
      if (req.method === 'POST') {
        forms.push({
          path,
          headers: req.headers,
          fields: new URLSearchParams(Buffer.concat(parts).toString()),
        });
      }
      const { status = 200, headers, body = '' } = answer(path);
      res.writeHead(status, headers).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    forms,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
