import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { ADMIN, openTokenEstate, type TokenEstate } from '../admin/token-estate.ts';
import { refused } from './refused.ts';
import { type Finished, runSwitchyard } from './run-switchyard.ts';

interface Running extends TokenEstate {
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
}

async function serve(): Promise<Running> {
  const estate = openTokenEstate();
  const server = createServer(estate.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const env = { SWITCHYARD_ADMIN_URL: `http://127.0.0.1:${port}`, SWITCHYARD_ADMIN_TOKEN: ADMIN };
  return {
    ...estate,
    env,
    run: (args, more = {}) => runSwitchyard(['token', ...args], { ...env, ...more }),
  };
}

const CREATE = ['create', '--name', 'nightly', '--ttl', '90d'];

describe('switchyard token', () => {
  it.each<[string, readonly string[], Readonly<Record<string, string>>, number, string]>([
    [
      'a time without unit',
      ['create', '--name', 'x', '--ttl', '90'],
      {},
      2,
      '--ttl 90: write 30m, 12h or 90d',
    ],
    ['half an account', CREATE, { SWITCHYARD_ACTS_AS_EMAIL: 'a@b.example' }, 2, 'are needed together'],
    [
      'two accounts',
      CREATE,
      { SWITCHYARD_ACTS_AS_EMAIL: 'a@b.example', SWITCHYARD_ACTS_AS_KEY: 'hunter2' },
      2,
      'acts as one account',
    ],
    [
      'an admin URL that is none',
      [...CREATE, '--admin-url', 'localhost'],
      {},
      2,
      '--admin-url is not an http://',
    ],
    [
      'a token over two lines',
      CREATE,
      { SWITCHYARD_ADMIN_TOKEN: 'hunter2\nx' },
      2,
      'characters that no header can carry',
    ],
    ['no admin token', CREATE, { SWITCHYARD_ADMIN_TOKEN: '' }, 5, 'The admin API wants an admin token'],
    [
      'a wrong admin token',
      ['list'],
      { SWITCHYARD_ADMIN_TOKEN: 'hunter2' },
      5,
      'The admin API wants an admin token',
    ],
    ['a site that is not there', [...CREATE, '--sites', 'nowhere'], {}, 1, 'No site is called "nowhere"'],
    ['a token that is not there', ['revoke', 'f'.repeat(24)], {}, 1, 'There is no such token'],
    ['nobody who answers', ['list', '--admin-url', 'http://127.0.0.1:9'], {}, 4, 'cannot be reached'],
  ])(
    'ends with an exit code and a sentence when something is wrong: %s',
    async (_what, args, env, code, fragment) => {
      const { env: here } = await serve();

      const end = await refused(['token', ...args], { ...here, ...env });

      expect(end).toEqual({ code, message: expect.stringContaining(fragment) });
      expect(end.message).not.toContain('hunter2');
    },
  );

  it('prints the token alone on stdout, lists it without, and ends it', async () => {
    const { run, tokens } = await serve();
    const created = await run(
      [
        ...CREATE,
        '--sites',
        'eng,ops',
        '--products',
        'jira=read, confluence',
        '--read-only',
        '--owner',
        'ann@acme.example',
      ],
      { SWITCHYARD_ACTS_AS_EMAIL: 'bot@acme.example', SWITCHYARD_ACTS_AS_API_TOKEN: 'hunter2' },
    );
    const [enrolled] = await tokens.list();
    const id = enrolled?.id ?? '';
    const listed = await run(['list']);
    const revoked = await run(['revoke', id]);

    expect(created).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^swy_pat_\w+\n$/),
      stderr: 'Keep it now: it is not shown again. Send it as Authorization: Bearer <token>.\n',
    });
    expect(enrolled).toMatchObject({
      name: 'nightly',
      owner: 'ann@acme.example',
      picks: { products: { jira: 'read', confluence: 'delete' }, readOnly: true },
      actsAs: 'account',
    });
    expect((enrolled?.expiresAtMs ?? 0) - (enrolled?.createdAtMs ?? 0)).toBe(90 * 86_400_000);
    expect(listed.stdout).toMatch(/^ID .*\n[0-9a-f]{24}  nightly  caller  eng,ops \(read-only\)  account  /);
    expect(listed.stdout).not.toMatch(/swy_pat_|hunter2/);
    expect(revoked).toEqual({ code: 0, stdout: `${id} is revoked\n`, stderr: '' });
    expect(await tokens.list()).toEqual([]);
  });

  it('says the same as JSON', async () => {
    const { run } = await serve();
    const created = await run([...CREATE, '--admin', '--json']);
    const { id, token } = JSON.parse(created.stdout) as { id: string; token: string };

    expect(JSON.parse(created.stdout)).toMatchObject({ role: 'admin', sites: null });
    expect(token).toMatch(/^swy_pat_/);
    expect(JSON.parse((await run(['list', '--json'])).stdout)).toMatchObject({
      tokens: [{ id, role: 'admin' }],
    });
    expect(JSON.parse((await run(['revoke', id, '--json'])).stdout)).toEqual({ ok: true, revoked: id });
    expect(JSON.parse((await run(['revoke', id, '--json'])).stdout)).toMatchObject({ ok: false });
  });
});
