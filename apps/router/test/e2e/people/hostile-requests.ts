import { basic } from '../estate.ts';
import { GIVEN, urlsOf } from './canaries.ts';
import { CLAUDE_CALLBACK } from './oauth-client.ts';
import type { PeopleEstate } from './people-estate.ts';

/** What Switchyard said, as far as it is not meant for whoever holds the secret. */
export interface Said {
  readonly where: string;
  readonly text: string;
}

export interface Probe {
  readonly said: Said[];
  send(path: string, init?: RequestInit & { readonly at?: string }): Promise<void>;
}

/** Sends anything, and keeps what is answered when it is no success. */
export function createProbe({ url }: PeopleEstate): Probe {
  const said: Said[] = [];
  return {
    said,
    async send(path, { at = url, ...init } = {}) {
      const response = await fetch(`${at}${path}`, { redirect: 'manual', ...init });
      const text = await response.text();
      const isRefusal = response.status >= 400 || /"isError":true|"error":/.test(text);
      const where = `${init.method ?? 'GET'} ${path.split('?')[0] ?? ''} (${response.status})`;
      said.push({ where: `${where}: headers`, text: JSON.stringify([...response.headers]) });
      if (isRefusal) said.push({ where, text });
      else
        said.push({
          where: `${where}: addresses`,
          text: urlsOf({ text, headers: response.headers }).join(' '),
        });
    },
  };
}

const JSON_BODY = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export const mcp = (authorization: string, body: unknown): RequestInit => ({
  method: 'POST',
  headers: { ...JSON_BODY, authorization },
  body: typeof body === 'string' ? body : JSON.stringify({ jsonrpc: '2.0', id: 1, ...(body as object) }),
});

export const tool = (name: string, args: unknown): object => ({
  method: 'tools/call',
  params: { name, arguments: args },
});

const form = (fields: Readonly<Record<string, string>>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(fields),
});

const IN_QUERY = `access_token=${GIVEN['token in a query']}&token=${GIVEN['token in a query']}`;

/** Everything that can come wrong, at every way in, with a secret in it. `token` is a good one. */
export async function pushEverywhere(
  probe: Probe,
  { url, switchyard }: PeopleEstate,
  token: string,
): Promise<void> {
  await pushAtMcp(probe, `Bearer ${token}`);
  await pushAtTokenEndpoint(probe);
  await pushAtRegistration(probe);
  await pushAtPages(probe, url);
  await pushAtAdmin(probe, `${switchyard.adminUrl}/admin/v1`);
}

async function pushAtMcp({ send }: Probe, good: string): Promise<void> {
  const list = { method: 'tools/list' };
  const stray = { token: GIVEN['token in an unknown argument'], [GIVEN['token in an unknown argument']]: 1 };
  const session = { 'mcp-session-id': GIVEN['token in a broken header'] };
  for (const path of ['/mcp', '/mcp/sites/eng', `/mcp?${IN_QUERY}`]) {
    for (const scheme of [
      'Bearer ',
      'Basic ',
      'bearer  ',
      '',
      'Bearer swy_pat_',
      'Bearer ATATT',
      'Digest ',
    ]) {
      await send(path, mcp(`${scheme}${GIVEN['token in a broken header']}`, list));
    }
    await send(path, mcp(basic('alice@demo.example', GIVEN['API token that was refused']), list));
    for (const asked of [
      `{"jsonrpc":"2.0","id":1,"method":"${GIVEN['token in broken JSON']}`,
      `[{"token":"${GIVEN['token in broken JSON']}"}]`,
      tool('eng__getJiraIssue', stray),
      tool('switchyard_explain', { tool: 'x', ...stray }),
      { method: 'tools/list', params: { cursor: GIVEN['token in broken JSON'] } },
    ]) {
      await send(path, mcp(good, asked));
    }
    await send(path, { ...mcp(good, list), headers: { ...JSON_BODY, ...session, authorization: good } });
  }
}

async function pushAtTokenEndpoint({ send }: Probe): Promise<void> {
  const client = { client_id: 'registered', redirect_uri: CLAUDE_CALLBACK };
  const proof = { client_secret: GIVEN['secret of a registered client'] };
  const code = {
    grant_type: 'authorization_code',
    code: GIVEN['wrong authorization code'],
    code_verifier: GIVEN['wrong PKCE verifier'],
  };
  const assertion = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: GIVEN['client assertion'],
    assertion: GIVEN['client assertion'],
  };
  const refresh = { grant_type: 'refresh_token', refresh_token: GIVEN['wrong refresh token'] };
  for (const fields of [
    { ...code, client_secret: GIVEN['wrong client secret'] },
    { ...code, ...proof },
    { ...refresh, ...proof },
    { ...proof, grant_type: GIVEN['wrong client secret'] },
    assertion,
  ]) {
    await send('/oauth/token', form({ ...client, ...fields }));
  }
  await send('/oauth/revoke', form({ ...client, ...proof, token: GIVEN['wrong refresh token'] }));
}

async function pushAtRegistration({ send }: Probe): Promise<void> {
  const secret = GIVEN['token in a registration'];
  for (const body of [
    `{"client_name":"${secret}`,
    JSON.stringify({ redirect_uris: [`https://evil.example/${secret}`] }),
    JSON.stringify({ software_statement: secret, redirect_uris: 7 }),
    JSON.stringify({ redirect_uris: [CLAUDE_CALLBACK], token_endpoint_auth_method: secret }),
  ]) {
    await send('/oauth/register', { method: 'POST', headers: JSON_BODY, body });
  }
}

async function pushAtPages({ send }: Probe, origin: string): Promise<void> {
  const cookie = ['switchyard', 'switchyard-browser', '_interaction']
    .map((name) => `${name}=${GIVEN['cookie of another make']}`)
    .join('; ');
  const answer = `${IN_QUERY}&code=${GIVEN['wrong authorization code']}&state=${GIVEN['token in a query']}`;
  const fields = { token: GIVEN['API token that was refused'], csrf: GIVEN['cookie of another make'] };
  for (const path of [
    '/connect',
    '/connect/eng',
    '/connect/clients',
    '/connect/eng/token',
    '/connect/atlassian/callback',
    '/oauth/authorize',
    '/oauth/callback',
    '/oauth/sign-in',
    '/oauth/interaction/nobody',
  ]) {
    await send(`${path}?${answer}`, { headers: { cookie } });
    await send(path, { ...form(fields), headers: { cookie, origin } });
  }
}

async function pushAtAdmin({ send }: Probe, at: string): Promise<void> {
  const secret = GIVEN["token in an administrator's request"];
  const asked = { name: 'x', ttlSeconds: 3_600 };
  await send('/people', { at, headers: { authorization: `Bearer ${secret}` } });
  await send(`/tokens/${secret}`, { at, method: 'DELETE' });
  for (const body of [
    `{"name":"${secret}`,
    JSON.stringify({ ...asked, ttlSeconds: secret, actsAs: { email: 'a@b.example', apiToken: { secret } } }),
    JSON.stringify({ ...asked, actsAs: { serviceAccountKey: [secret] } }),
    JSON.stringify({ ...asked, [secret]: 1 }),
    JSON.stringify({ ...asked, products: { [secret]: 'read' } }),
    JSON.stringify({ ...asked, role: secret, readOnly: secret }),
  ]) {
    await send('/tokens', { at, method: 'POST', headers: JSON_BODY, body });
  }
}
