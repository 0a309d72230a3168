import { describe, expect, it, vi } from 'vitest';

import { allMessages, listenTo, openGet, postModern, sessionOf } from '../interactive/router.ts';
import { askAdmin, enroll } from './admin-client.ts';
import { askMcp } from './oauth-client.ts';
import { LINKABLE_SITES, type PeopleEstate, startPeopleEstate } from './people-estate.ts';
import { createPerson, type TestPerson } from './test-person.ts';

const CHANGED = 'notifications/tools/list_changed';

interface Scene {
  readonly estate: PeopleEstate;
  readonly alice: TestPerson;
  readonly token: string;
}

async function scene(): Promise<Scene> {
  const estate = await startPeopleEstate({ sites: LINKABLE_SITES });
  const alice = createPerson(estate, 'alice');
  const { access_token: token } = await alice.connect();
  return { estate, alice, token };
}

type OpenStream = (estate: PeopleEstate, token: string) => Promise<Response>;

const listen: OpenStream = (estate, token) =>
  postModern(
    estate,
    { id: 7, method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } } },
    { path: '/mcp', as: `Bearer ${token}` },
  );

const get: OpenStream = async (estate, token) => {
  const how = { path: '/mcp', as: `Bearer ${token}` };
  return openGet(estate, (await sessionOf(estate, { elicitation: {} }, how)) ?? '', how);
};

/** What the stream said from its opening to its end: methods, and the result of listening as `end`. */
async function saidBy(response: Response): Promise<string[]> {
  expect(response.status).toBe(200);
  const messages = await allMessages(response);
  return messages.map(({ method }) => method ?? 'end');
}

const STREAMS: [string, OpenStream, string[]][] = [
  ['subscriptions/listen', listen, ['notifications/subscriptions/acknowledged', CHANGED, 'end']],
  ['a GET stream', get, [CHANGED]],
];

describe.each(STREAMS)('%s of a person', (_title, open, said) => {
  it('ends with the connection that it was opened by', async () => {
    const { estate, token } = await scene();
    const stream = await open(estate, token);
    const { body } = await askAdmin(estate, 'GET /connections');
    const [connection] = body['connections'] as { id: string }[];

    await askAdmin(estate, `DELETE /connections/${connection?.id ?? ''}`);

    expect(await saidBy(stream)).toEqual(said);
    expect((await askMcp(estate.url, token, { method: 'tools/list' })).status).toBe(401);
  });

  it('ends when the person links a site, so that who comes back hears of that site too', async () => {
    const { estate, alice, token } = await scene();
    const stream = await open(estate, token);

    await alice.linkByOauth('eng');

    expect(await saidBy(stream)).toEqual(said);
    expect((await open(estate, token)).status).toBe(200);
  });
});

it('leaves the streams of others open', async () => {
  const { estate, token } = await scene();
  const bob = createPerson(estate, 'bob');
  const { access_token: his } = await bob.connect();
  const heardByAlice = listenTo(await listen(estate, token));
  const stream = await listen(estate, his);

  await bob.linkByOauth('ops');

  await saidBy(stream);
  expect(heardByAlice.map(({ method }) => method)).toEqual(['notifications/subscriptions/acknowledged']);
});

it('ends the streams of an enrolled token with the token', async () => {
  const { estate } = await scene();
  const { token, id } = await enroll(estate, {});
  const stream = await listen(estate, token);

  await askAdmin(estate, `DELETE /tokens/${id}`);

  expect(await saidBy(stream)).toEqual(['notifications/subscriptions/acknowledged', CHANGED, 'end']);
  await vi.waitFor(async () =>
    expect((await askMcp(estate.url, token, { method: 'tools/list' })).status).toBe(401),
  );
});
