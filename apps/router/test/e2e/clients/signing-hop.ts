import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A reverse proxy that signs its callers in. */
interface SigningHop {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

/** Sends every request on to `target` with this `Authorization`; for clients that cannot send one themselves. */
export async function startSigningHop(target: string, authorization: string): Promise<SigningHop> {
  const server = createServer((req, res) => {
    const { host: _, ...headers } = req.headers;
    const { method, url = '/' } = req;
    const onward = request(new URL(url, target), { method, headers: { ...headers, authorization } });
    onward.on('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
