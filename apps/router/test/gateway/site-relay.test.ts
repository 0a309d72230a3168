import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { compilePolicy, createSiteDirectory, parseCloudId, Secret } from '@switchyard/catalogue';
import { createUpstream } from '@switchyard/upstream';
import { describe, expect, it, onTestFinished } from 'vitest';

import { notConnected, switchedOff } from '../../src/gateway/closed-site.ts';
import type { Opening } from '../../src/gateway/runtime.ts';
import { createSiteRelay, type SiteRelay } from '../../src/gateway/site-relay.ts';

const CLIENT = { era: 'legacy', capabilities: undefined, logLevel: undefined, takesStream: false } as const;
const REQUEST = { method: 'resources/read', paramsText: '{}', idempotent: true, timeoutMs: 1_000 };

/** A site that counts who comes, and an opening of it that is closed when the test says so. */
async function openScene(refuses = false): Promise<{
  relay: SiteRelay;
  visits: () => number;
  opening: (closed: 'switched off' | 'not connected' | undefined) => Opening;
}> {
  let visits = 0;
  const server = createServer((_req, res) => {
    visits += 1;
    res.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const upstream = createUpstream({ clientInfo: { name: 'test', version: '1' } });
  onTestFinished(async () => {
    await upstream.close();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const cloudId = parseCloudId('11111111-aaaa-4aaa-8aaa-000000000001');
  if (!cloudId) throw new Error('not a cloudId');
  const { sites } = createSiteDirectory([
    { cloudId, url: 'https://a.example', alias: 'eng', endpoint, identity: 'personal' },
  ]);
  const [site] = sites;
  if (!site) throw new Error('no site');
  const credential = { id: 'c', kind: 'bearer', authorization: new Secret('Bearer c') } as const;
  return {
    relay: createSiteRelay({ upstream, refuses: () => refuses }),
    visits: () => visits,
    opening(closed) {
      const error = closed === 'switched off' ? switchedOff(site) : notConnected(site, undefined);
      return {
        site,
        policy: compilePolicy(site, []),
        request: {
          key: { cloudId, scope: 'c', endpoint },
          site: 'eng',
          target: { site: 'eng', endpoint, credential },
          closed: () => (closed === undefined ? undefined : error),
        },
      };
    },
  };
}

describe.each(['switched off', 'not connected'] as const)('a site that is %s', (closed) => {
  it.each<[string, (relay: SiteRelay, opening: Opening) => Promise<unknown>]>([
    ['a request', (relay, opening) => relay.send(opening, CLIENT, REQUEST)],
    ['the question what it offers', (relay, opening) => relay.capabilities(opening, CLIENT)],
    [
      'an answer',
      (relay, opening) => {
        const { endpoint } = opening.request.target;
        return relay.respond(opening, { endpoint, sessionId: 's', protocolVersion: undefined }, '{}');
      },
    ],
  ])('is not sent %s', async (_what, ask) => {
    const { relay, visits, opening } = await openScene();

    await expect(ask(relay, opening(closed))).rejects.toMatchObject({ name: 'SiteClosed' });
    expect(visits()).toBe(0);

    await expect(ask(relay, opening(undefined))).rejects.toMatchObject({ name: 'UpstreamError' });
    expect(visits()).toBeGreaterThan(0);
  });
});

it('relays nothing while what is relayed cannot be recorded', async () => {
  const { relay, visits, opening } = await openScene(true);

  await expect(relay.send(opening(undefined), CLIENT, REQUEST)).rejects.toThrow(
    'This connector cannot record calls right now, so nothing is done.',
  );
  expect(visits()).toBe(0);
});
