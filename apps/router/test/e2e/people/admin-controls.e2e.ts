import { describe, expect, it } from 'vitest';

import { CLOUD_IDS } from '../estate.ts';
import { askAdmin, enroll } from './admin-client.ts';
import { listOf, outcomeOf } from './mcp-answers.ts';
import { askMcp, authorizeUrl, registerClaude } from './oauth-client.ts';
import { LINKABLE_SITES, type PeopleEstate, startPeopleEstate } from './people-estate.ts';
import { createPerson } from './test-person.ts';

const ISSUE = ['eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }] as const;
const PROJECTS = ['ops__getVisibleJiraProjects', {}] as const;

const status = async (url: string, token: string): Promise<number> =>
  (await askMcp(url, token, { method: 'tools/list' })).status;

interface Person {
  readonly id: string;
  readonly email: string;
}

async function idOf(estate: PeopleEstate, name: string): Promise<string> {
  const { body } = await askAdmin(estate, 'GET /people');
  return (body['people'] as Person[]).find(({ email }) => email.startsWith(name))?.id ?? '';
}

describe('kill switches', () => {
  it('stop one site and no other, one client and no other, and everything', async () => {
    const estate = await startPeopleEstate({ sites: LINKABLE_SITES });
    const { url } = estate;
    const alice = createPerson(estate, 'alice');
    const client = await registerClaude(url);
    const { access_token: one } = await alice.connect({ client });
    const { access_token: other } = await alice.connect();
    const { id, token: program } = await enroll(estate, {});
    for (const site of ['eng', 'ops'] as const) await alice.linkByOauth(site);
    expect((await listOf(url, one)).states).toEqual(['eng: ok', 'ops: ok', '33333333: not-connected']);

    await askAdmin(estate, 'PUT /switches/site/eng');
    const stopped = await listOf(url, one);
    expect(stopped.states).toEqual(['eng: disabled', 'ops: ok', '33333333: not-connected']);
    expect(stopped.rows[0]?.reason).toContain('switched off by an administrator');
    expect(stopped.names.filter((name) => name.startsWith('eng__'))).toEqual([]);
    expect([await outcomeOf(url, one, ISSUE), await outcomeOf(url, one, PROJECTS)]).toEqual([
      'unavailable',
      'ok',
    ]);
    await askAdmin(estate, 'DELETE /switches/site/eng');
    expect(await outcomeOf(url, one, ISSUE)).toBe('ok');

    const asClient = `/switches/client/${encodeURIComponent(client.clientId)}` as const;
    await askAdmin(estate, `PUT ${asClient}`);
    expect([await status(url, one), await status(url, other)]).toEqual([403, 200]);
    await askAdmin(estate, `DELETE ${asClient}`);
    expect(await status(url, one)).toBe(200);

    await askAdmin(estate, `PUT /switches/client/${id}`);
    expect([await status(url, program), await status(url, one)]).toEqual([403, 200]);

    await askAdmin(estate, 'PUT /switches/all/-');
    expect([await status(url, one), await status(url, other)]).toEqual([403, 403]);
    await askAdmin(estate, 'DELETE /switches/all/-');
    expect(await outcomeOf(url, one, ISSUE)).toBe('ok');
  });
});

describe('people and clients', () => {
  it('are refused at once when they are disabled or blocked, and others are not', async () => {
    const estate = await startPeopleEstate({ sites: LINKABLE_SITES });
    const { url } = estate;
    const [client, alice, bob] = [
      await registerClaude(url),
      createPerson(estate, 'alice'),
      createPerson(estate, 'bob'),
    ];
    const { access_token: ofAlice, refresh_token: refresh } = await alice.connect({ client });
    const { access_token: ofBob } = await bob.connect();
    expect([await status(url, ofAlice), await status(url, ofBob)]).toEqual([200, 200]);

    await askAdmin(estate, `POST /people/${await idOf(estate, 'alice')}/disable`);

    expect([await status(url, ofAlice), await status(url, ofBob)]).toEqual([401, 200]);
    await expect(alice.connect({ client })).rejects.toThrow('a form');
    const renewed = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: client.clientId,
      refresh_token: refresh,
    });
    expect((await fetch(`${url}/oauth/token`, { method: 'POST', body: renewed })).status).toBe(400);

    await askAdmin(estate, `POST /people/${await idOf(estate, 'alice')}/enable`);
    // What was ended stays ended; a new consent is a new beginning.
    expect(await status(url, ofAlice)).toBe(401);
    const { access_token: again } = await alice.connect({ client });
    await askAdmin(estate, 'POST /clients/block', { body: { clientId: client.clientId } });
    expect([await status(url, again), await status(url, ofBob)]).toEqual([401, 200]);
    const page = await createPerson(estate, 'bob').browser.open(authorizeUrl(url, client).href);
    expect(page.status).toBe(400);
  });
});

describe('GET /admin/v1/access', () => {
  it('says of everybody and every site what list and call do (I2)', async () => {
    const rules = [
      'allow: [group:eng]',
      'allow: [group:everyone]\nproducts: { jira: read }',
      "allow: ['bob@demo.example']",
    ];
    const sites = LINKABLE_SITES.map((site, at) => ({ ...site, more: rules[at] ?? '' }));
    const estate = await startPeopleEstate({ sites, emulator: { accounts: ACCOUNTS } });
    const { url } = estate;
    const tokens = new Map<string, string>();
    const linked = { alice: ['eng', 'ops'], bob: ['ops', 'labs'], carol: ['ops'] } as const;
    for (const [name, reached] of Object.entries(linked)) {
      const person = createPerson(estate, name);
      tokens.set(`${name}@demo.example`, (await person.connect()).access_token);
      for (const site of reached) await person.linkByOauth(site);
    }

    const { body } = await askAdmin(estate, 'GET /access');

    let cells = 0;
    for (const { email, sites: said } of body['people'] as AccessRow[]) {
      const token = tokens.get(email) ?? '';
      const { rows, names } = await listOf(url, token);
      for (const cell of said) {
        cells += 1;
        const shown = rows.some(({ site }) => site === cell.site);
        const asked = TOOLS[cell.site] ?? TOOLS['eng'];
        const reached = Object.entries(asked ?? {}).map(async ([product, [tool, args]]) => {
          const name = `${cell.site}__${tool}`;
          const outcome = await outcomeOf(url, token, [name, args]);
          return [product, names.includes(name), outcome === 'ok'];
        });
        const expected = Object.keys(asked ?? {}).map((product) => {
          const may = cell.may && (cell.products[product] ?? 'off') !== 'off';
          return [product, may, may];
        });
        expect([email, cell.site, shown, await Promise.all(reached)]).toEqual([
          email,
          cell.site,
          cell.may,
          expected,
        ]);
      }
    }
    expect(cells).toBe(9);
  });
});

interface AccessRow {
  readonly email: string;
  readonly sites: readonly {
    readonly site: string;
    readonly may: boolean;
    readonly products: Readonly<Record<string, string>>;
  }[];
}

/** A reading tool of two products, as each generation calls it. */
const V2 = { jira: ['listJiraProjects', {}], confluence: ['listConfluenceSpaces', {}] } as const;
const V1 = { jira: ['getVisibleJiraProjects', {}], confluence: ['getConfluenceSpaces', {}] } as const;
const TOOLS: Readonly<Record<string, typeof V1 | typeof V2>> = { eng: V2, ops: V1, '33333333': V2 };

const ACCOUNTS = ['alice', 'bob', 'carol'].map((name) => ({
  accountId: `712020:${name}`,
  email: `${name}@demo.example`,
  name,
  sites: LINKABLE_SITES.map(({ name: site }) => CLOUD_IDS[site]),
  credentials: [],
}));
