import { describe, expect, it, vi } from 'vitest';

import { runSwitchyard } from '../../cli/run-switchyard.ts';
import { THREE_SITES } from '../estate.ts';
import { askAdmin, enroll } from './admin-client.ts';
import { accountAt, listOf, names, outcomeOf, rows } from './mcp-answers.ts';
import { askForTokens, askMcp } from './oauth-client.ts';
import { freePort, type PeopleEstate, redisBlock, startPeopleEstate } from './people-estate.ts';
import { createPerson } from './test-person.ts';

const ALICE = { email: 'alice@demo.example', apiToken: 'demo-alice-token' };
const HEADLESS_SECRET = 'a-headless-secret-of-the-tests-only';
const READ = ['eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }] as const;
const WRITE = ['eng__addOrEditJiraIssueComment', { issueIdOrKey: 'ENG-1', commentBody: 'hello' }] as const;
const PAGE = ['eng__listConfluenceSpaces', {}] as const;
const OTHER_SITE = ['ops__getVisibleJiraProjects', {}] as const;

const REFUSED: readonly string[] = ['unknown', 'not_connected'];

const status = async (url: string, token: string, path = '/mcp'): Promise<number> =>
  (await askMcp(url, token, { method: 'tools/list', path })).status;

/** What a token may do, call by call; a list must be of the same mind (I2). */
async function reach({ url }: PeopleEstate, token: string): Promise<readonly string[]> {
  const { names } = await listOf(url, token);
  const calls = { read: READ, write: WRITE, page: PAGE, other: OTHER_SITE };
  const done = Object.entries(calls).map(async ([what, asked]) => {
    const outcome = await outcomeOf(url, token, asked);
    expect([what, names.includes(asked[0]), outcome]).toEqual([what, !REFUSED.includes(outcome), outcome]);
    return outcome === 'ok' ? [what] : [];
  });
  return (await Promise.all(done)).flat();
}

describe('an enrolled token', () => {
  it('opens what it was made for and nothing else, and nothing when it is revoked', async () => {
    const estate = await startPeopleEstate({ sites: THREE_SITES });
    const cases: readonly [Record<string, unknown>, readonly string[]][] = [
      [{}, []],
      [{ actsAs: ALICE }, ['read', 'write', 'page', 'other']],
      [{ actsAs: ALICE, sites: ['eng'] }, ['read', 'write', 'page']],
      [{ actsAs: ALICE, readOnly: true }, ['read', 'page', 'other']],
      [{ actsAs: ALICE, products: { jira: 'read' } }, ['read', 'other']],
      [{ actsAs: ALICE, sites: ['ops'], products: { confluence: 'delete' } }, []],
      [{ actsAs: { serviceAccountKey: 'demo-service-key' }, sites: ['ops'] }, ['other']],
    ];
    for (const [asked, expected] of cases) {
      const { id, token } = await enroll(estate, asked);
      expect([asked, await reach(estate, token)]).toEqual([asked, expected]);
      expect((await askAdmin(estate, `DELETE /tokens/${id}`)).status).toBe(204);
      expect([asked, await status(estate.url, token)]).toEqual([asked, 401]);
    }
  });

  it('is made, listed and ended on the command line', async () => {
    const estate = await startPeopleEstate({ sites: THREE_SITES });
    const env = {
      SWITCHYARD_ADMIN_URL: estate.switchyard.adminUrl,
      SWITCHYARD_ACTS_AS_EMAIL: ALICE.email,
      SWITCHYARD_ACTS_AS_API_TOKEN: ALICE.apiToken,
    };
    const flags = ['--name', 'nightly', '--ttl', '30m', '--sites', 'eng', '--read-only', '--json'];
    const made = await runSwitchyard(['token', 'create', ...flags], env);
    const { id, token } = JSON.parse(made.stdout) as { id: string; token: string };

    expect(await reach(estate, token)).toEqual(['read', 'page']);
    expect(await accountAt(estate.url, token, 'eng')).toBe(ALICE.email);
    expect(await runSwitchyard(['token', 'revoke', id], env)).toMatchObject({ code: 0 });
    expect(await status(estate.url, token)).toBe(401);
  });

  it('can be had by a client of the configuration, which is then as limited as the token', async () => {
    const estate = await startPeopleEstate({
      sites: THREE_SITES,
      port: await freePort(),
      more: redisBlock(6),
    });
    const { url } = estate;
    const { id } = await enroll(estate, { actsAs: ALICE, sites: ['eng'], readOnly: true });
    // The id is known only now: the process that knows the client is the next one.
    const replica = await estate.startReplica({ oauth: headlessClient(id) });
    const host = new URL(url).host;
    const form = {
      grant_type: 'client_credentials',
      client_id: 'nightly',
      resource: `${url}/mcp`,
      scope: 'atl:read',
    };
    const ask = (secret: string): ReturnType<typeof askForTokens> =>
      askForTokens(replica.url, { ...form, client_secret: secret }, host);

    const wrong = await ask(`${HEADLESS_SECRET}x`);
    const { status: issued, tokens } = await ask(HEADLESS_SECRET);
    const token = tokens.access_token;
    const listed = await askMcp(replica.url, token, { method: 'tools/list', host });

    expect([wrong.status, issued, tokens.refresh_token]).toEqual([401, 200, undefined]);
    expect(rows(listed).map(({ site, status: state }) => [site, state])).toEqual([['eng', 'ok']]);
    expect(names(listed)).toContain(READ[0]);
    expect(names(listed)).not.toContain(WRITE[0]);
    const elsewhere = { method: 'tools/list', host, path: '/mcp/sites/eng' };
    expect((await askMcp(replica.url, token, elsewhere)).status).toBe(401);
    await askAdmin(estate, `DELETE /tokens/${id}`);
    await vi.waitFor(async () =>
      expect((await askMcp(replica.url, token, { method: 'tools/list', host })).status).toBe(401),
    );
  });
});

function headlessClient(id: string): string {
  return `clients:
  - { clientId: nightly, name: Nightly, secret: ${HEADLESS_SECRET}, headless: { token: ${id} } }`;
}

describe('the admin API', () => {
  it('opens to admin tokens and to members of admin.groups with a token for it, and to nobody else', async () => {
    const estate = await startPeopleEstate({ sites: THREE_SITES, more: 'admin: { port: 0, groups: [] }' });
    const { url } = estate;
    const { token: admin } = await enroll(estate, { role: 'admin' });
    const { token: caller } = await enroll(estate, { actsAs: ALICE });
    estate.reload('admin: { port: 0, groups: [ops] }');
    const bob = createPerson(estate, 'bob');
    const scope = 'switchyard:admin';
    const { access_token: forAdmin } = await bob.connect({ path: '/admin', scope });
    const { access_token: forMcp } = await bob.connect();
    const refused = await createPerson(estate, 'alice').consent({ path: '/admin', scope });

    const answers = [undefined, 'nonsense', caller, forMcp, admin, forAdmin].map(async (token) => {
      return (await askAdmin(estate, 'GET /people', token === undefined ? {} : { token })).status;
    });

    expect(await Promise.all(answers)).toEqual([401, 401, 401, 401, 200, 200]);
    expect(refused.query.get('error')).toBe('access_denied');
    expect([await status(url, admin), await status(url, forAdmin)]).toEqual([401, 401]);
    estate.reload('admin: { port: 0, groups: [eng] }');
    expect((await askAdmin(estate, 'GET /people', { token: forAdmin })).status).toBe(401);
  });
});
