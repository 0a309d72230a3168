import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

import { CLAUDE_CALLBACK, type TestClient } from './oauth-client.ts';

/** Serves a metadata document, as a client's vendor does. The id says https; a development server reads it plainly. */
export async function serveDocument(
  document: (clientId: string) => Readonly<Record<string, unknown>> = clientDocument,
): Promise<TestClient & { asked(): number }> {
  let asked = 0;
  const server = createServer((_req, res) => {
    asked += 1;
    res.setHeader('content-type', 'application/json').end(JSON.stringify(document(clientId)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const clientId = `https://127.0.0.1:${(server.address() as AddressInfo).port}/client.json`;
  return { clientId, redirectUri: CLAUDE_CALLBACK, asked: () => asked };
}

/** A document as it should be. */
export const clientDocument = (clientId: string): Record<string, unknown> => ({
  client_id: clientId,
  client_name: 'A client with a document',
  redirect_uris: [CLAUDE_CALLBACK],
  token_endpoint_auth_method: 'none',
});
