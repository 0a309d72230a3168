import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  authorizeUrl,
  register,
  startTestServer,
  type TestServer,
} from '../authorization-server/test-server.ts';
import { BAD_BODIES, BAD_DOCUMENTS, BAD_REGISTRATIONS } from './documents.ts';
import { tryAll } from './report.ts';

let running: TestServer;
let web: Server;
let served: (path: string) => { body: string; status?: number; headers?: Record<string, string> };
let host: string;
let fetched = 0;

beforeAll(async () => {
  running = await startTestServer();
  web = createServer((req, res) => {
    fetched += 1;
    const { body, status = 200, headers = {} } = served(req.url ?? '/');
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => void web.listen(0, '127.0.0.1', resolve));
  host = `https://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await running.close();
  web.closeAllConnections();
  web.close();
});

async function post(body: string, type = 'application/json'): Promise<number> {
  const response = await fetch(`${running.origin}/oauth/register`, {
    method: 'POST',
    body,
    headers: { 'content-type': type },
  });
  await response.text();
  return response.status;
}

/** Whether an authorization request of this client gets anywhere. */
async function begins(clientId: string): Promise<boolean> {
  const response = await fetch(authorizeUrl(running, clientId), { redirect: 'manual' });
  await response.text();
  return response.status < 400;
}

describe('registrations', () => {
  test('none that is malformed is taken', async () => {
    const bodies = [...BAD_REGISTRATIONS.map((each) => JSON.stringify(each)), ...BAD_BODIES];
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonx',
      'multipart/form-data',
      '',
    ];
    const good = JSON.stringify({ redirect_uris: ['https://claude.ai/api/mcp/auth_callback'] });
    expect(await post(good)).toBe(201);
    const cases = [
      ...bodies.map((body) => ({ body, type: 'application/json' })),
      ...types.map((type) => ({ body: good, type })),
    ];
    await tryAll('registrations', {
      cases,
      least: 100,
      passes: async ({ body, type }) => {
        const status = await post(body, type);
        return ![400, 413, 415].includes(status);
      },
    });
  });

  test('nothing that a client says of itself beyond what is used is kept', async () => {
    const { body } = await register(running, {
      client_id: 'chosen',
      client_secret: 'chosen',
      client_id_issued_at: 1,
      logo_uri: 'http://169.254.169.254/logo.png',
      jwks_uri: 'http://169.254.169.254/jwks',
      sector_identifier_uri: 'http://169.254.169.254/',
      request_uris: ['http://169.254.169.254/'],
      post_logout_redirect_uris: ['https://evil.example'],
      backchannel_logout_uri: 'http://169.254.169.254/',
      scope: 'switchyard:admin',
      grant_types: ['implicit', 'client_credentials', 'password'],
      response_types: ['token'],
      subject_type: 'pairwise',
      constructor: { prototype: { polluted: true } },
    });
    expect(Object.keys(body).toSorted()).toEqual([
      'application_type',
      'client_id',
      'client_id_issued_at',
      'client_name',
      'grant_types',
      'redirect_uris',
      'response_types',
      'token_endpoint_auth_method',
    ]);
    expect(body).toMatchObject({
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    });
    expect(body['client_id']).not.toBe('chosen');
  });
});

describe('metadata documents', () => {
  test('an unknown URL is one of few for its host: nobody is flooded through here', async () => {
    served = () => ({ body: '{}' });
    const before = fetched;
    await Promise.all(Array.from({ length: 100 }, (_each, index) => begins(`${host}/flood-${index}.json`)));
    expect(fetched - before).toBeLessThanOrEqual(60);
    running.clock.aheadMs += 60_001;
  });

  test('a good one begins a request, so that the bad ones fail for what they are', async () => {
    served = (path) => ({
      body: JSON.stringify({
        client_id: `${host}${path}`,
        client_name: 'Claude',
        redirect_uris: ['https://claude.ai/api/mcp/auth_callback', 'https://elsewhere.example/callback'],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', 'urn:unknown'],
        logo_uri: 'http://127.0.0.1/logo',
      }),
    });
    expect(await begins(`${host}/good.json`)).toBe(true);
  });

  test("none that is malformed, too large, moved or somebody else's is taken", async () => {
    let number = 0;
    await tryAll('metadata documents', {
      cases: BAD_DOCUMENTS,
      least: 100,
      passes: async (make) => {
        const url = `${host}/bad-${(number += 1)}.json`;
        served = () => make(url);
        // Each is fetched: none is refused for the number before it.
        running.clock.aheadMs += 60_001;
        const before = fetched;
        const began = await begins(url);
        return began || fetched === before;
      },
    });
  });

  test('none from a host that the administrator did not name', async () => {
    served = (path) => ({
      body: JSON.stringify({
        client_id: `${host}${path}`,
        redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
      }),
    });
    const { policy } = running.rules;
    running.rules.policy = { ...policy, cimdHosts: ['claude.ai'] };
    expect(await begins(`${host}/other.json`)).toBe(false);
    running.rules.policy = { ...policy, cimd: false };
    expect(await begins(`${host}/other.json`)).toBe(false);
    running.rules.policy = policy;
    expect(await begins(`${host}/other.json`)).toBe(true);
  });
});
