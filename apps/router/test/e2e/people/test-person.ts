import { expect } from 'vitest';

import { CLOUD_IDS } from '../estate.ts';
import { type CookieBrowser, createCookieBrowser, type Visited } from './cookie-browser.ts';
import {
  type Answer,
  authorizeUrl,
  exchangeCode,
  registerClaude,
  type TestClient,
  type Tokens,
} from './oauth-client.ts';
import type { PeopleEstate } from './people-estate.ts';

/** Sites as the tests call them. */
export type SiteName = keyof typeof CLOUD_IDS;

/** What a person ticks on the consent page; absent: everything. */
interface Consent {
  readonly client?: TestClient;
  readonly sites?: readonly SiteName[];
  readonly products?: readonly string[];
  readonly readOnly?: boolean;
  /** The path that the token is for; default `/mcp`. */
  readonly path?: string;
  readonly scope?: string;
}

/** Somebody with a browser of their own. */
export interface TestPerson {
  readonly browser: CookieBrowser;
  /** Signs in, consents, and brings the code back to the client. */
  consent(how?: Consent): Promise<Answer & { readonly client: TestClient }>;
  /** The same, with the tokens that the client gets for it. */
  connect(how?: Consent): Promise<Tokens>;
  /** By a consent at Atlassian. Returns the page that says how it went. */
  linkByOauth(site: SiteName): Promise<Visited>;
  linkByToken(site: SiteName, apiToken: string): Promise<Visited>;
  unlink(site: SiteName, kind: 'oauth' | 'token'): Promise<Visited>;
}

/** Somebody of the company, by the first part of the e-mail address. */
export function createPerson(estate: PeopleEstate, name: string): TestPerson {
  const { url, idp, emulator } = estate;
  const browser = createCookieBrowser();
  const email = `${name}@demo.example`;

  function open(target: string): Promise<Visited> {
    idp.control.updateSettings({ autoSignIn: name });
    return browser.open(target);
  }

  async function consent(how: Consent = {}): Promise<Answer & { client: TestClient }> {
    const client = how.client ?? (await registerClaude(url));
    const { href, verifier, state } = authorizeUrl(url, client, {
      resource: `${url}${how.path ?? '/mcp'}`,
      ...(how.scope !== undefined && { scope: how.scope }),
    });
    const handOver = await open(href);
    expect(handOver.text).toContain('claude.ai');
    const question = await browser.submit(handOver, '/continue');
    const back = await browser.submit(question, new URL(question.url).pathname, {
      decision: 'allow',
      ...(how.sites && { site: how.sites.map((site) => CLOUD_IDS[site]) }),
      ...(how.products && { product: how.products }),
      ...(how.readOnly && { readOnly: 'yes' }),
    });
    const query = new URL(back.url).searchParams;
    expect([query.get('state'), query.get('iss')]).toEqual([state, url]);
    return { query, verifier, client };
  }

  return {
    browser,
    consent,
    async connect(how) {
      const { client, ...answer } = await consent(how);
      const { status, tokens } = await exchangeCode(url, client, answer);
      expect(status).toBe(200);
      return tokens;
    },
    async linkByOauth(site) {
      emulator.control.updateSettings({ oauthAutoApprove: { account: email, cloudId: CLOUD_IDS[site] } });
      const page = await open(`${url}/connect/${CLOUD_IDS[site]}`);
      const onward = await browser.submit(page, '/oauth');
      const href = /<a\b[^>]*href="([^"]*)"[^>]*>Continue to/.exec(onward.text)?.[1];
      expect(href, `a way to Atlassian on the page of ${site}`).toBeDefined();
      return browser.open((href ?? '').replaceAll('&amp;', '&'));
    },
    async linkByToken(site, apiToken) {
      const page = await open(`${url}/connect/${CLOUD_IDS[site]}`);
      return browser.submit(page, '/token', { email, token: apiToken, expires: '' });
    },
    async unlink(site, kind) {
      const page = await open(`${url}/connect`);
      const wanted = page.text
        .split(/(?=<form\b)/)
        .find((form) => form.includes(`/${siteNameOf(site)}/unlink"`) && form.includes(`value="${kind}"`));
      expect(wanted, `a form that unlinks ${site} (${kind})`).toBeDefined();
      return browser.submit({ ...page, text: wanted ?? '' }, '/unlink');
    },
  };
}

/** A site without an alias goes by the first digits of its cloudId. */
function siteNameOf(site: SiteName): string {
  return site === 'labs' ? CLOUD_IDS.labs.slice(0, 8) : site;
}
