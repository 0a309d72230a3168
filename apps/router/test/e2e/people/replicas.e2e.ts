import { expect, it, vi } from 'vitest';

import { askAdmin, enroll } from './admin-client.ts';
import { call, rows } from './mcp-answers.ts';
import { askForTokens, askMcp, type McpAnswer, registerClaude } from './oauth-client.ts';
import {
  freePort,
  LINKABLE_SITES,
  type PeopleEstate,
  redisBlock,
  type Replica,
  startPeopleEstate,
} from './people-estate.ts';
import { createPerson } from './test-person.ts';

/** Both replicas, and a question that either can be asked. */
interface Pair {
  readonly estate: PeopleEstate;
  readonly second: Replica;
  ask(
    where: 'first' | 'second',
    token: string,
    what?: { method: string; params?: unknown },
  ): Promise<McpAnswer>;
}

const LIST = { method: 'tools/list' };
/** How long news of a revocation may take (contract: within a second). */
const WITHIN = { timeout: 1_000, interval: 20 };

async function startPair(database: number): Promise<Pair> {
  const estate = await startPeopleEstate({
    sites: LINKABLE_SITES,
    port: await freePort(),
    more: redisBlock(database),
  });
  const second = await estate.startReplica();
  const host = new URL(estate.url).host;
  return {
    estate,
    second,
    ask: (where, token, what = LIST) =>
      askMcp(where === 'first' ? estate.url : second.url, token, { ...what, host }),
  };
}

it('refuse within a second what another replica revoked: a connection, a person, a client, an enrolled token', async () => {
  const { estate, second, ask } = await startPair(7);
  const alice = createPerson(estate, 'alice');
  const client = await registerClaude(estate.url);

  async function refusedAfter(token: string, revoke: () => Promise<{ status: number }>): Promise<void> {
    // Both have verified the token, and remember it.
    expect((await ask('first', token)).status).toBe(200);
    expect((await ask('second', token)).status).toBe(200);
    expect((await revoke()).status).toBeLessThan(300);
    await vi.waitFor(async () => expect((await ask('first', token)).status).toBe(401), WITHIN);
    expect((await ask('second', token)).status).toBe(401);
  }

  const { access_token: one } = await alice.connect();
  const { body } = await askAdmin(estate, 'GET /connections');
  const [connection] = (body['connections'] as { id: string }[]).slice(-1);
  await refusedAfter(one, () => askAdmin(second, `DELETE /connections/${connection?.id ?? ''}`));
  const { access_token: two } = await alice.connect({ client });
  await refusedAfter(two, () =>
    askAdmin(second, 'POST /clients/revoke', { body: { clientId: client.clientId } }),
  );
  const { token, id } = await enroll(estate, {});
  await refusedAfter(token, () => askAdmin(second, `DELETE /tokens/${id}`));
  const { access_token: three } = await alice.connect();
  const people = (await askAdmin(estate, 'GET /people')).body['people'] as { id: string; issuer: string }[];
  const person = people.find(({ issuer }) => issuer === estate.issuer);
  await refusedAfter(three, () => askAdmin(second, `POST /people/${person?.id ?? ''}/disable`));
});

it('see at once what was linked, unlinked and switched off on another', async () => {
  const { estate, second, ask } = await startPair(8);
  const alice = createPerson(estate, 'alice');
  const { access_token: token } = await alice.connect();
  const states = async (where: 'first' | 'second'): Promise<readonly string[]> =>
    rows(await ask(where, token)).map(({ status }) => status);
  const user = call('eng__atlassianUserInfo');
  expect(await states('second')).toEqual(['not-connected', 'not-connected', 'not-connected']);

  await alice.linkByOauth('eng');
  await vi.waitFor(async () => expect((await states('second'))[0]).toBe('ok'), WITHIN);
  const answer = await ask('second', token, user);
  expect(answer.body.result?.content?.[0]?.text).toContain('alice@demo.example');

  await askAdmin(estate, 'PUT /switches/site/eng');
  await vi.waitFor(async () => expect((await states('second'))[0]).toBe('disabled'), WITHIN);
  await askAdmin(second, 'DELETE /switches/site/eng');
  await vi.waitFor(async () => expect((await states('first'))[0]).toBe('ok'), WITHIN);

  await alice.unlink('eng', 'oauth');
  await vi.waitFor(async () => expect((await states('second'))[0]).toBe('not-connected'), WITHIN);
});

it('rotate their signing key without a request that fails', async () => {
  const { estate, second, ask } = await startPair(9);
  const client = await registerClaude(estate.url);
  const { access_token: first, refresh_token: refresh } = await createPerson(estate, 'alice').connect({
    client,
  });
  const host = new URL(estate.url).host;
  const tokens = [first];
  const statuses: number[] = [];
  const state = { rotating: true };

  async function keepAsking(where: 'first' | 'second'): Promise<void> {
    while (state.rotating) statuses.push((await ask(where, tokens.at(-1) ?? '')).status);
  }

  const asking = [keepAsking('first'), keepAsking('second')];
  expect((await askAdmin(estate, 'POST /signing-keys/rotate')).status).toBe(200);
  const form = { grant_type: 'refresh_token', client_id: client.clientId };
  let current = refresh;
  for (const url of [second.url, estate.url, second.url]) {
    const renewed = await askForTokens(url, { ...form, refresh_token: current }, host);
    expect(renewed.status).toBe(200);
    current = renewed.tokens.refresh_token;
    tokens.push(renewed.tokens.access_token);
  }
  expect((await askAdmin(second, 'POST /signing-keys/rotate')).status).toBe(200);
  state.rotating = false;
  await Promise.all(asking);

  expect(statuses.length).toBeGreaterThan(4);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  for (const token of tokens) expect((await ask('second', token)).status).toBe(200);
  const keys = (await (await fetch(`${estate.url}/oauth/jwks`)).json()) as { keys: object[] };
  expect(keys.keys.length).toBe(2);
});
