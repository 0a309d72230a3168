import { type Credential, Secret } from '@switchyard/catalogue';
import { describe, expect, it } from 'vitest';

import {
  callOf,
  failureOf,
  type RawServer,
  sendResult,
  startRaw,
  startUpstream,
  writeOf,
} from './fixture.ts';

/** A linked credential whose value the test exchanges. */
function linkedCredential(
  fresh: () => Promise<void> | undefined,
): Credential & { renew(value: string): void } {
  let current = new Secret('Bearer first');
  return {
    id: 'link-1',
    kind: 'bearer',
    get authorization() {
      return current;
    },
    fresh,
    renew: (value) => void (current = new Secret(value)),
  };
}

function sentWith({ received }: RawServer, method: string): (string | undefined)[] {
  return received
    .filter(({ message }) => message.method === method)
    .map(({ headers }) => headers.authorization);
}

describe('a credential that is renewed', () => {
  it('sends nothing, not even a write, when it cannot be', async () => {
    const site = await startRaw(sendResult);
    const { upstream } = startUpstream();
    const credential = linkedCredential(() => Promise.reject(new Error('canary invalid_grant')));

    const failure = await failureOf(
      upstream.send({ site: 'eng', endpoint: site.endpoint, credential }, writeOf()),
    );

    expect(failure).toMatchObject({ code: 'unauthorized', mayHaveExecuted: false });
    expect(failure.message).not.toContain('canary');
    expect(site.received).toEqual([]);
  });

  it('keeps its session and is sent with its newest value', async () => {
    const site = await startRaw(sendResult);
    const { upstream } = startUpstream();
    const credential = linkedCredential(() => undefined);
    const target = { site: 'eng', endpoint: site.endpoint, credential };

    await upstream.send(target, callOf());
    credential.renew('Bearer second');
    await upstream.send(target, callOf());

    expect(sentWith(site, 'tools/call')).toEqual(['Bearer first', 'Bearer second']);
    expect(site.count('initialize')).toBe(1);
  });

  it('waits for the renewal before anything is sent', async () => {
    const site = await startRaw(sendResult);
    const { upstream } = startUpstream();
    const renewals: (() => void)[] = [];
    const credential = linkedCredential(() => new Promise((resolve) => renewals.push(resolve)));
    const call = upstream.send({ site: 'eng', endpoint: site.endpoint, credential }, callOf());

    expect(site.received).toEqual([]);
    credential.renew('Bearer second');
    renewals.forEach((done) => done());
    await call;

    expect(new Set(site.received.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer second']),
    );
  });

  it('is renewed and sent once more, even for a write, when the site refuses it before its time (I4)', async () => {
    const site = await startRaw((response, received) => {
      if (received.headers.authorization === 'Bearer first') response.writeHead(401).end();
      else sendResult(response, received);
    });
    const { upstream } = startUpstream();
    const state = { refused: 0, due: false };
    const credential = {
      ...linkedCredential(() => undefined),
      authorization: new Secret('Bearer first'),
      refused: () => void ((state.refused += 1), (state.due = true)),
      async renewed() {
        state.due = false;
        credential.authorization = new Secret('Bearer second');
      },
      fresh: () => (state.due ? credential.renewed() : undefined),
    };

    await upstream.send({ site: 'eng', endpoint: site.endpoint, credential }, writeOf());

    expect(sentWith(site, 'tools/call')).toEqual(['Bearer first', 'Bearer second']);
    expect(state.refused).toBe(1);
  });

  it('is not sent again when it is refused and cannot be renewed', async () => {
    const site = await startRaw((response) => void response.writeHead(401).end());
    const { upstream } = startUpstream();
    const credential = { ...linkedCredential(() => undefined), refused: () => undefined };
    const target = { site: 'eng', endpoint: site.endpoint, credential };

    expect(await failureOf(upstream.send(target, callOf()))).toMatchObject({ code: 'unauthorized' });
    expect(site.count('tools/call')).toBe(1);
  });
});
