// Listening on a free loopback port.
import { once } from 'node:events';

/**
 * Listens on a free port of 127.0.0.1; `close` also ends the connections that are open.
 * @param {import('node:http').Server} server
 * @returns {Promise<{port: number, close: () => Promise<void>}>}
 */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return {
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
