// The pages of linking over an emulated Atlassian, with a person who is signed in by a header.
import { once } from 'node:events';
import { createServer } from 'node:http';

import { createSiteDirectory, parseCloudId, Secret, type Site } from '@switchyard/catalogue';
import {
  createAtlassianOauth,
  createKeyRing,
  createLinking,
  createMemoryState,
  createVault,
  type Vault,
} from '@switchyard/identity';
import { createEmulator, type Emulator, type EmulatorOptions } from '@switchyard/rovo-emulator';
import { createUpstream } from '@switchyard/upstream';
import express from 'express';
import { onTestFinished } from 'vitest';

import type { SignedIn } from '../../src/connect/browser-sessions.ts';
import { CALLBACK_PATH, createConnectRouter } from '../../src/connect/connect-router.ts';
import { createLinkChecks } from '../../src/connect/link-checks.ts';
import type { LinkRefusal } from '../../src/connect/link-desk.ts';

export const ENG = '11111111-aaaa-4aaa-8aaa-000000000001';
export const OPS = '22222222-bbbb-4bbb-8bbb-000000000002';
const LABS = '33333333-cccc-4ccc-8ccc-000000000003';

const PEOPLE: Readonly<Record<string, Pick<SignedIn, 'personId' | 'name' | 'email'>>> = {
  alice: { personId: 'alice', name: 'Alice Example', email: 'alice@demo.example' },
  bob: { personId: 'bob', name: 'Bob Example', email: 'bob@demo.example' },
};

/** A page as a person sees it. */
interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** The text of the page without its markup. */
  readonly text: string;
  readonly location: string | null;
}

export interface ConnectApp {
  readonly origin: string;
  readonly emulator: Emulator;
  readonly vault: Vault;
  readonly refusals: LinkRefusal[];
  readonly errors: unknown[];
  get(path: string, who?: string, headers?: Readonly<Record<string, string>>): Promise<Seen>;
  /** Sends a form with what a page of this person carries, unless said otherwise. */
  post(
    path: string,
    fields: Readonly<Record<string, string>>,
    as?: { readonly who?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Seen>;
  /** From the button over Atlassian's consent back to our callback: the address of the callback. */
  consent(site?: string, who?: string): Promise<string>;
}

export interface ConnectAppOptions {
  readonly emulator?: EmulatorOptions;
  readonly allowOtherAccounts?: boolean;
  readonly methods?: { readonly oauth: boolean; readonly token: boolean };
  readonly now?: () => number;
}

export async function startConnect(options: ConnectAppOptions = {}): Promise<ConnectApp> {
  const emulator = createEmulator({
    ...options.emulator,
    settings: {
      oauthAutoApprove: { account: 'alice@demo.example', cloudId: ENG },
      ...options.emulator?.settings,
    },
  });
  const { url } = await emulator.listen();
  onTestFinished(() => emulator.close());
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const parts = createParts(options, { origin, sites: sitesAt(url) });
  server.on('request', parts.app);
  return { origin, emulator, ...parts, ...createBrowser(origin) };
}

function createParts(
  { allowOtherAccounts = false, methods = { oauth: true, token: true }, now = Date.now }: ConnectAppOptions,
  { origin, sites }: { readonly origin: string; readonly sites: readonly Site[] },
): Pick<ConnectApp, 'vault' | 'refusals' | 'errors'> & { app: express.Express } {
  const state = createMemoryState({ maxEntries: 1_000 });
  const keys = createKeyRing([{ id: 'k1', secret: new Secret('a key of at least 32 bytes for tests') }]);
  const credentialKey = new Uint8Array(32).fill(7);
  const upstream = createUpstream({ clientInfo: { name: 'switchyard', version: '0' } });
  const oauth = createAtlassianOauth({ state, keys, callbackUrl: `${origin}${CALLBACK_PATH}`, now });
  const vault = createVault({ state, keys, grants: oauth, credentialKey, now });
  const siteOf = (cloudId: string): Site | undefined => sites.find((site) => site.cloudId === cloudId);
  const linking = createLinking({
    vault,
    oauth,
    credentialKey,
    siteOf: (_person, cloudId) => siteOf(cloudId),
    allowOtherAccounts: () => allowOtherAccounts,
    ...createLinkChecks({ upstream, siteOf }),
  });
  onTestFinished(async () => {
    await vault.close();
    await oauth.close();
    await upstream.close();
  });
  const refusals: LinkRefusal[] = [];
  const errors: unknown[] = [];
  const app = express();
  app.use(
    createConnectRouter({
      sessions: {
        read: async (req) => personOf(req.headers),
        async require(req, res) {
          const person = personOf(req.headers);
          if (!person) res.redirect(303, '/sign-in');
          return person;
        },
      },
      vault,
      linking,
      policy: {
        // Labs is open to nobody here.
        sitesOf: () => sites.filter(({ cloudId }) => cloudId !== LABS),
        methodsOf: () => methods,
      },
      publicUrl: () => origin,
      onRefused: (refusal) => void refusals.push(refusal),
      onError: (error) => void errors.push(error),
    }),
  );
  return { app, vault, refusals, errors };
}

function personOf(headers: Readonly<Record<string, unknown>>): SignedIn | undefined {
  const who = String(headers['x-signed-in']);
  const person = PEOPLE[who];
  const given = headers['x-browser'];
  const browser = typeof given === 'string' ? given : `browser of ${who}`;
  return person && { ...person, groups: [], browser, csrf: csrfOf(who) };
}

function csrfOf(who: string): string {
  return `csrf of ${who}`;
}

function sitesAt(url: string): readonly Site[] {
  const entry = (
    cloudId: string,
    host: string,
    more: object = {},
  ): Parameters<typeof createSiteDirectory>[0][number] => {
    const id = parseCloudId(cloudId);
    if (!id) throw new Error('no cloudId');
    const endpoint = `${url}/v2/mcp?tools=all`;
    return { cloudId: id, url: `https://${host}.atlassian.net`, endpoint, identity: 'personal', ...more };
  };
  return createSiteDirectory([
    entry(ENG, 'alpha-eng', { alias: 'eng' }),
    entry(OPS, 'beta-ops', { alias: 'clients' }),
    entry(LABS, 'gamma-labs', { alias: 'labs' }),
    entry('44444444-dddd-4ddd-8ddd-000000000004', 'company', {
      alias: 'all',
      identity: 'shared',
      allow: ['*'],
    }),
  ]).sites;
}

function createBrowser(origin: string): Pick<ConnectApp, 'get' | 'post' | 'consent'> {
  async function get(
    path: string,
    who = 'alice',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Seen> {
    const answer = await fetch(new URL(path, origin), {
      redirect: 'manual',
      headers: { 'x-signed-in': who, ...headers },
    });
    return seen(answer);
  }

  const post: ConnectApp['post'] = async (path, fields, { who = 'alice', headers = {} } = {}) => {
    const answer = await fetch(`${origin}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin, 'x-signed-in': who, ...headers },
      body: new URLSearchParams({ csrf: csrfOf(who), ...fields }),
    });
    return seen(answer);
  };

  return {
    get,
    post,
    async consent(site = 'eng', who = 'alice') {
      const page = await post(`/connect/${site}/oauth`, {}, { who });
      const address = /href="([^"]*\/authorize\?[^"]*)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&');
      if (!address) throw new Error(`no way to Atlassian: ${page.text}`);
      const answer = await fetch(address, { redirect: 'manual' });
      const back = answer.headers.get('location');
      if (!back) throw new Error(`Atlassian sent nobody back: ${await answer.text()}`);
      return back;
    },
  };
}

async function seen(answer: Response): Promise<Seen> {
  const { status, headers } = answer;
  const html = await answer.text();
  const body = html.replace(/[^]*<main/, '<main').replace(/<footer[^]*/, '');
  const text = body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')
    .trim();
  return { status, headers, html, text, location: headers.get('location') };
}
