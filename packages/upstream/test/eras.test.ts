import { describe, expect, it } from 'vitest';

import type { UpstreamAnswer, UpstreamTarget } from '../src/index.ts';
import { ALICE, BOB, callOf, failureOf, startEmulator, startUpstream, targetOf } from './fixture.ts';
import {
  callInEither,
  LEGACY_ANSWERS,
  type ModernRequest,
  type ModernSite,
  refuseUnknown,
  send,
  sendError,
  startModernSite,
} from './modern-fixture.ts';

type Answer = (request: ModernRequest, response: Parameters<typeof refuseUnknown>[1]) => void;

function modern(endpoint: string, authorization: string = ALICE): UpstreamTarget {
  return { ...targetOf(endpoint, authorization), era: 'modern' };
}

function textOf({ body }: UpstreamAnswer): unknown {
  const { result } = JSON.parse(body.toString()) as { result: { content: { text: string }[] } };
  return result.content[0]?.text;
}

/** A site of the session era that answers the probe in its own way. */
function legacySite(discover: Answer): Promise<ModernSite> {
  let calls = 0;
  return startModernSite({
    ...LEGACY_ANSWERS,
    'server/discover': discover,
    'tools/call'(request, response) {
      calls += 1;
      // The session of the second call has ended, so that it is opened anew.
      if (calls === 2) return void response.writeHead(404).end();
      return callInEither(request, response);
    },
  });
}

const OLD_SERVERS: readonly [string, Answer][] = [
  ['404 and nothing else', (_, response) => void response.writeHead(404).end()],
  ['404 and a page', (_, response) => send(response, 404, '<html>')],
  ['404 and an unknown method', refuseUnknown],
  [
    'what the SDK of the session era says',
    (request, response) =>
      sendError(request, response, {
        status: 400,
        code: -32_000,
        message: 'Bad Request: Unsupported protocol version: 2026-07-28 (supported versions: 2025-11-25)',
      }),
  ],
  ['400 without a body', (_, response) => void response.writeHead(400).end()],
  [
    '200 and an unknown method',
    (request, response) => sendError(request, response, { status: 200, code: -32_601, message: 'no' }),
  ],
  ['200 and something else', (_, response) => send(response, 200, 'hello')],
  ['200 and null', (_, response) => send(response, 200, 'null')],
  [
    '200 and only other versions',
    ({ id }, response) =>
      send(response, 200, { jsonrpc: '2.0', id, result: { supportedVersions: ['2099-01-01'] } }),
  ],
  [
    '-32022 and other versions',
    (request, response) =>
      sendError(request, response, {
        status: 400,
        code: -32_022,
        message: 'Unsupported protocol version',
        data: { supported: ['2099-01-01'], requested: '2026-07-28' },
      }),
  ],
];

describe('a modern client at a site that answers the probe with', () => {
  it.each(OLD_SERVERS)('%s is served in a session, and that is remembered', async (_, discover) => {
    const site = await legacySite(discover);
    const { upstream } = startUpstream();

    const first = await upstream.send(modern(site.endpoint), callOf());
    const second = await upstream.send(modern(site.endpoint), callOf());

    expect([first.era, textOf(first), textOf(second)]).toEqual(['legacy', 'legacy', 'legacy']);
    expect(site.asked('initialize')).toHaveLength(2);
    expect(site.asked('server/discover')).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['503', (_, response) => void response.writeHead(503).end()],
    [
      '500 and an error that looks like an old server',
      (request, response) => {
        sendError(request, response, { status: 500, code: -32_601, message: 'Method not found' });
      },
    ],
    ['429', (_, response) => void response.writeHead(429, { 'retry-after': '1' }).end()],
    ['a broken connection', (_, response) => void response.destroy()],
    ['silence', () => {}],
  ])('%s is served in a session, but nothing is remembered', async (_, discover) => {
    const site = await legacySite(discover);
    const { upstream } = startUpstream();

    expect(textOf(await upstream.send(modern(site.endpoint), callOf()))).toBe('legacy');
    expect(textOf(await upstream.send(modern(site.endpoint), callOf()))).toBe('legacy');

    expect(site.asked('server/discover')).toHaveLength(2);
  });

  it.each([401, 403])(
    '%i is told that its credential is not accepted, and asked again next time',
    async (status) => {
      const answers = { status };
      const site = await startModernSite({
        'server/discover'(request, response) {
          if (answers.status !== 200) return void response.writeHead(answers.status).end();
          send(response, 200, {
            jsonrpc: '2.0',
            id: request.id,
            result: { supportedVersions: ['2026-07-28'], capabilities: {} },
          });
        },
      });
      const { upstream } = startUpstream();

      const failure = await failureOf(upstream.send(modern(site.endpoint), callOf()));
      answers.status = 200;
      const answer = await upstream.send(modern(site.endpoint), callOf());

      expect([failure.code, failure.mayHaveExecuted]).toEqual(['unauthorized', false]);
      expect([answer.era, textOf(answer)]).toEqual(['modern', 'modern']);
      expect(site.asked('initialize')).toEqual([]);
    },
  );

  it.each([
    [-32_020, undefined],
    [-32_021, { requiredCapabilities: { elicitation: {} } }],
    [-32_022, { supported: ['2099-01-01', '2026-07-28'] }],
  ])('%i, which only its own era has, is served without a session', async (code, data) => {
    const site = await startModernSite({
      'server/discover': (request, response) =>
        sendError(request, response, { status: 400, code, message: 'm', ...(data && { data }) }),
    });
    const { upstream } = startUpstream();

    expect((await upstream.send(modern(site.endpoint), callOf())).era).toBe('modern');
    expect(site.asked('initialize')).toEqual([]);
  });

  it('the versions as an event is served without a session', async () => {
    const site = await startModernSite({
      'server/discover'({ id }, response) {
        const result = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
      },
    });
    const { upstream } = startUpstream();

    expect((await upstream.send(modern(site.endpoint), callOf())).era).toBe('modern');
  });
});

describe('a verdict', () => {
  it('is of one credential and tells nothing about another', async () => {
    const site = await startModernSite({
      ...LEGACY_ANSWERS,
      'tools/call': callInEither,
      'server/discover'(request, response) {
        if (request.headers.authorization === ALICE) return refuseUnknown(request, response);
        send(response, 200, {
          jsonrpc: '2.0',
          id: request.id,
          result: { supportedVersions: ['2026-07-28'], capabilities: {} },
        });
      },
    });
    const { upstream } = startUpstream();

    const alice = await upstream.send(modern(site.endpoint, ALICE), callOf());
    const bob = await upstream.send(modern(site.endpoint, BOB), callOf());

    expect([textOf(alice), textOf(bob)]).toEqual(['legacy', 'modern']);
    expect(site.asked('server/discover').map(({ headers }) => headers.authorization)).toEqual([ALICE, BOB]);
  });

  it('is asked for once by calls that come together', async () => {
    const site = await startModernSite();
    const { upstream } = startUpstream();

    await Promise.all(Array.from({ length: 5 }, () => upstream.send(modern(site.endpoint), callOf())));

    expect(site.asked('server/discover')).toHaveLength(1);
    expect(site.asked('tools/call')).toHaveLength(5);
  });
});

describe('each client at each site', () => {
  it.each([
    ['modern', 'legacy'],
    ['legacy', 'legacy'],
  ] as const)('%s at the emulator, which has sessions only, speaks %s', async (era, spoken) => {
    const { endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();

    const answer = await upstream.send({ ...targetOf(endpoint), era }, callOf());

    expect(answer.era).toBe(spoken);
    expect(asked('initialize')).toHaveLength(1);
  });

  it.each([
    ['modern', 0],
    ['legacy', 1],
  ] as const)('%s at a site without sessions is served without one', async (era, initialized) => {
    const site = await startModernSite();
    const { upstream } = startUpstream();
    const target = { ...targetOf(site.endpoint), era };

    const answer = await upstream.send(target, callOf());

    expect([answer.era, textOf(answer)]).toEqual(['modern', 'modern']);
    expect(await upstream.listTools(target, AbortSignal.timeout(5_000))).toBe(
      '[{"name":"a","inputSchema":{}}]',
    );
    expect(await upstream.capabilities(target)).toEqual({ tools: {}, prompts: {} });
    expect(site.asked('initialize')).toHaveLength(initialized);
  });

  it.each([
    ['modern', 'modern'],
    ['legacy', 'legacy'],
  ] as const)('%s at a site of both eras speaks %s', async (era, spoken) => {
    const site = await startModernSite({ ...LEGACY_ANSWERS, 'tools/call': callInEither });
    const { upstream } = startUpstream();

    const answer = await upstream.send({ ...targetOf(site.endpoint), era }, callOf());

    expect([answer.era, textOf(answer)]).toEqual([spoken, spoken]);
    const probed = spoken === 'modern' ? ['server/discover'] : ['initialize'];
    expect(site.requests[0]?.method).toBe(probed[0]);
  });
});
