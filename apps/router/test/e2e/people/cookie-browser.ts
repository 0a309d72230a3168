import { expect } from 'vitest';

/** What a browser without scripts has in front of it. `status` 0: an address of a client, which nobody asked. */
export interface Visited {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** How a form is filled in: texts of fields by name; an array is the boxes that are ticked. */
type Filled = Readonly<Record<string, string | readonly string[]>>;

/** A browser as far as sign-in needs one: cookies, redirects, forms. It never leaves this machine. */
export interface CookieBrowser {
  open(url: string): Promise<Visited>;
  /** Sends the form whose action ends like this, with its hidden fields and its ticked boxes. */
  submit(page: Visited, action: string, filled?: Filled): Promise<Visited>;
  /** Every answer that it was given, in order. */
  readonly visits: readonly Visited[];
  /** Names and values of the cookies that it holds for an origin. */
  cookies(origin: string): ReadonlyMap<string, string>;
}

const MOST_HOPS = 12;
const INPUT = /<input\b[^>]*>/g;

export function createCookieBrowser(): CookieBrowser {
  const jars = new Map<string, Map<string, string>>();
  const visits: Visited[] = [];

  function jarOf(origin: string): Map<string, string> {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  }

  async function ask(url: string, init: RequestInit): Promise<Visited> {
    const { origin, hostname } = new URL(url);
    if (hostname !== '127.0.0.1') return { url, status: 0, text: '', headers: new Headers() };
    const jar = jarOf(origin);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie && { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const visited = { url, status: response.status, text: await response.text(), headers: response.headers };
    visits.push(visited);
    return visited;
  }

  async function follow(url: string, init: RequestInit = {}): Promise<Visited> {
    let visited = await ask(url, init);
    for (let hops = 0; hops < MOST_HOPS; hops += 1) {
      const next = onwardOf(visited);
      if (next === undefined) return visited;
      visited = await ask(next, {});
    }
    throw new Error(`more than ${MOST_HOPS} hops from ${new URL(url).pathname}`);
  }

  return {
    visits,
    open: (url) => follow(url),
    submit(page, action, filled = {}) {
      const form = formOf(page, action);
      const origin = new URL(page.url).origin;
      return follow(new URL(form.action, page.url).href, {
        method: 'POST',
        headers: { origin },
        body: bodyOf(form.inputs, filled),
      });
    },
    cookies: (origin) => jarOf(origin),
  };
}

/** Where an answer sends a browser by itself. */
function onwardOf({ url, status, headers, text }: Visited): string | undefined {
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null) return new URL(location, url).href;
  const refresh = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(text)?.[1];
  return refresh === undefined ? undefined : new URL(unescape(refresh), url).href;
}

interface Form {
  readonly action: string;
  readonly inputs: readonly string[];
}

function formOf({ text, url, status }: Visited, action: string): Form {
  const forms = [...text.matchAll(/<form\b[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
  const found = forms.find(([, target = '']) => unescape(target).endsWith(action));
  const actions = forms.map(([, target]) => target).join(', ');
  expect(found, `a form ${action} at ${new URL(url).pathname} (${status}; there: ${actions})`).toBeDefined();
  const [, target = '', inner = ''] = found ?? [];
  return { action: unescape(target), inputs: inner.match(INPUT) ?? [] };
}

function bodyOf(inputs: readonly string[], filled: Filled): URLSearchParams {
  const body = new URLSearchParams();
  for (const input of inputs) {
    const [name, value, type] = ['name', 'value', 'type'].map((attribute) => attributeOf(input, attribute));
    const isSent = type === 'hidden' || (type === 'checkbox' && /\schecked\b/.test(input));
    if (name !== undefined && isSent && !Object.hasOwn(filled, name)) body.append(name, value ?? '');
  }
  for (const [name, values] of Object.entries(filled)) {
    for (const value of [values].flat()) body.append(name, value);
  }
  return body;
}

function attributeOf(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescape(value);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function unescape(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
