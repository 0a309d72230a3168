import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { renderOnward } from '../../src/pages/onward.ts';
import { pageHeaders } from '../../src/pages/page-headers.ts';
import { startBrowser } from '../browser.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { startPageServer, type Answer } from './page-server.ts';
import { PAGE_STATES } from './page-states.ts';

const NAMES = Object.keys(PAGE_STATES);
const SCREENSHOTS = process.env['SCREENSHOTS'];
const plain = (text: string): string => text;
const nothing = '<!doctype html><title>nothing</title>';

let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What the browser blocked or complained of, on any page. */
let complaints: string[];
let switchyard: Awaited<ReturnType<typeof startPageServer>>;
let client: Awaited<ReturnType<typeof startPageServer>>;
/** Answers of Switchyard that only one test needs, by path. */
const answers = new Map<string, Answer>();

beforeAll(async () => {
  switchyard = await startPageServer((path) => {
    const render = PAGE_STATES[path.slice(1)];
    return answers.get(path) ?? { headers: pageHeaders(), body: render?.(plain) ?? nothing };
  });
  client = await startPageServer(() => ({ headers: { 'content-type': 'text/html' }, body: nothing }));
  browser = await startBrowser();
  // Colours in the middle of a transition have contrasts that nobody sees.
  context = await browser.newContext({ reducedMotion: 'reduce' });
  await context.exposeFunction('complain', (text: string) => complaints.push(text));
  await context.addInitScript({ path: fileURLToPath(new URL('in-page.js', import.meta.url)) });
  page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser.close();
  await switchyard.close();
  await client.close();
});

beforeEach(async () => {
  complaints = [];
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
});

async function open(name: string): Promise<void> {
  await page.goto(`${switchyard.origin}/${name}`);
}

async function photograph(name: string): Promise<void> {
  if (SCREENSHOTS === undefined) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** Asks something of `in-page.js`. */
async function ask<T>(expression: string): Promise<T> {
  return page.evaluate<T>(`inPage.${expression}`);
}

describe.each(NAMES)('the page %s', (name) => {
  afterEach(() => expect(complaints).toEqual([]));

  it('has no fault that axe finds, light or dark, on a phone or a desk', async () => {
    await open(name);
    // What opens must be looked at too.
    await ask('openDetails()');
    await page.evaluate(axe.source);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 });

        expect(await ask('axeFindings()'), `${colorScheme}, ${width} px`).toEqual([]);
        await photograph(`${name}-${colorScheme}-${width}`);
      }
    }
  });

  it('never scrolls sideways: at 320 px, at 200 % zoom, with text twice as large', async () => {
    await open(name);
    for (const width of [320, 640]) {
      await page.setViewportSize({ width, height: 900 });

      expect(await ask('overflow()'), `${width} px`).toBe(0);
    }
    await photograph(`${name}-zoomed`);
    await ask('doubleText()');

    expect(await ask('overflow()'), 'text of 200 %').toBe(0);
  });

  it('can be walked through with the tab key: every control, in order, each with a ring', async () => {
    await open(name);
    const controls = await ask<number>('numberControls()');
    const reached: unknown[] = [];
    while (reached.at(-1) !== controls - 1 && reached.length < 100) {
      await page.keyboard.press('Tab');
      reached.push(await ask('focusedControl()'));
    }

    // A date is several stops of one control.
    expect(reached.filter((at, index) => at !== reached[index - 1])).toEqual([...Array(controls).keys()]);
  });
});

describe('hostile texts in a browser', () => {
  it.each(Object.entries(PAGE_STATES))(
    'add no element and no attribute to the page %s',
    async (_, render) => {
      const said = [plain, ...HOSTILE_TEXTS.map((hostile) => () => hostile)];
      // The style sheet is most of a page and the same in all.
      const texts = said.map((say) => render(say).replace(/<style>[^<]*/, '<style>'));
      const [expected, ...found] = await ask<string[]>(`skeletons(${JSON.stringify(texts)})`);

      expect(found.filter((skeleton) => skeleton !== expected)).toEqual([]);
      expect(found.length).toBe(HOSTILE_TEXTS.length);
    },
  );
});

describe('a form', () => {
  it('can be filled in and sent with the keyboard alone', async () => {
    await open('consent');
    await page.getByLabel('Beta Operations').focus();
    await page.keyboard.press('Space');
    await page.getByLabel(/^Read only/).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/k2/consent');
    const sent = switchyard.forms.at(-1);

    expect(sent?.path).toBe('/oauth/interaction/k2/consent');
    expect(sent?.fields.getAll('site')).toEqual(['eng', 'kb']);
    expect(sent?.fields.getAll('product')).toHaveLength(6);
    expect(Object.fromEntries(sent?.fields ?? [])).toMatchObject({
      decision: 'allow',
      readOnly: 'yes',
      csrf: 'kq3v-Xk2mQ7',
    });
  });

  it('says where it came from, so that its origin can be checked', async () => {
    await open('consent');
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL('**/k2/consent');

    expect(switchyard.forms.at(-1)?.headers).toMatchObject({
      origin: switchyard.origin,
      'sec-fetch-site': 'same-origin',
    });
  });

  it('refuses when Enter is pressed in a tick box', async () => {
    await open('consent');
    await page.getByLabel('Alpha Engineering').press('Enter');
    await page.waitForURL('**/k2/consent');

    expect(switchyard.forms.at(-1)?.fields.get('decision')).toBe('cancel');
  });

  it('that ends something asks once more', async () => {
    await open('connections');
    const sentBefore = switchyard.forms.length;
    const confirm = page.getByRole('button', { name: 'Disconnect now' });
    await page.getByText('Disconnect Claude').click();

    expect(switchyard.forms.length).toBe(sentBefore);
    await confirm.click();
    await page.waitForURL('**/clients/revoke');
    expect(switchyard.forms.at(-1)?.fields.get('connection')).toBe('grant-1');
  });
});

/** The consent page whose form is answered with a redirect to the client. */
async function allow(redirect: string, formTargets: string[]): Promise<void> {
  answers.set('/consenting', {
    headers: pageHeaders({ formTargets }),
    body: PAGE_STATES['consent']?.(plain),
  });
  answers.set('/oauth/interaction/k2/consent', { status: 303, headers: { location: redirect } });
  await open('consenting');
  await page.getByRole('button', { name: 'Allow' }).click();
}

describe('the policy of a page', () => {
  it.each([
    ['a script', '<script>console.error("ran")</script>', 'script-src-elem'],
    ['an event handler', '<img src="data:," onerror="console.error(\'ran\')">', 'script-src-attr'],
    ['a style', '<style>body{display:none}</style>', 'style-src-elem'],
    ['a style attribute', '<p style="position:fixed">x</p>', 'style-src-attr'],
    ['a picture', '<img src="/picture.png">', 'img-src'],
    ['a frame', '<iframe src="/consent"></iframe>', 'frame-src'],
    ['a base address', '<base href="https://evil.example/">', 'base-uri'],
  ])('blocks %s that got into it all the same', async (_, intruder, directive) => {
    answers.set('/intruded', {
      headers: pageHeaders(),
      body: PAGE_STATES['message']?.(plain).replace('</main>', `${intruder}</main>`),
    });
    await open('intruded');

    await expect.poll(() => complaints).toContain(`violation: ${directive}`);
    expect(complaints).not.toContain('ran');
  });

  it('lets nobody frame it', async () => {
    answers.set('/framing', {
      headers: { 'content-type': 'text/html' },
      body: '<iframe src="/consent"></iframe>',
    });
    await open('framing');

    expect(await page.frames()[1]?.getByRole('heading').count()).toBe(0);
    expect(complaints.join()).toMatch(/frame-ancestors|X-Frame-Options/);
  });

  it('lets the answer to its form lead to the client that it names', async () => {
    await allow(`${client.origin}/callback`, [`${client.origin}/callback`]);

    await page.waitForURL(`${client.origin}/callback`);
  });

  it('has no say in where an onward page leads, however many redirects follow', async () => {
    answers.set('/oauth/interaction/k2/consent', {
      headers: pageHeaders(),
      body: renderOnward({ url: '/resume' }),
    });
    answers.set('/resume', { status: 303, headers: { location: `${client.origin}/callback` } });
    await open('consent');
    await page.getByRole('button', { name: 'Allow' }).click();

    await page.waitForURL(`${client.origin}/callback`);
    expect(complaints).toEqual([]);
  });

  it('keeps the answer to its form from leading anywhere else', async () => {
    await allow(`${client.origin}/callback`, []);

    await expect.poll(() => complaints).toContain('violation: form-action');
    expect(page.url()).toContain(switchyard.origin);
  });
});

describe('a sign-in that a client opened as a popup', () => {
  it.each([
    ['stays with its opener', { formTargets: [] }, true],
    ['is cut off from it on the pages of an account', {}, false],
  ])('%s', async (_, options, kept) => {
    answers.set('/popup', { headers: pageHeaders(options), body: PAGE_STATES['message']?.(plain) });
    await page.goto(client.origin);
    const opened = page.waitForEvent('popup');
    await page.evaluate(`void open('${switchyard.origin}/popup')`);
    const popup = await opened;
    await popup.getByRole('heading').first().waitFor();

    expect(await popup.evaluate('opener !== null')).toBe(kept);
    await popup.close();
  });
});
