interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly host: string;
}

/** As much of a browser as a sign-in needs: cookies by path, and no redirect followed unasked. */
export interface Browser {
  readonly cookies: Map<string, Cookie>;
  get(url: string, headers?: Record<string, string>): Promise<Response>;
  post(url: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Follows redirects while they stay on `origins`; the last answer, and where it wants to go. */
  follow(
    url: string,
    origins: readonly string[],
  ): Promise<{ url: string; response: Response; location?: string }>;
}

export function createBrowser(): Browser {
  const cookies = new Map<string, Cookie>();

  async function send(
    url: string,
    { headers: given, ...init }: { method?: string; body?: URLSearchParams; headers: Record<string, string> },
  ): Promise<Response> {
    const { pathname, host } = new URL(url);
    const mine = [...cookies.values()].filter((each) => each.host === host && pathname.startsWith(each.path));
    const cookie = mine.map(({ name, value }) => `${name}=${value}`).join('; ');
    const headers = { ...given, ...(cookie !== '' && { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(line, host);
    return response;
  }

  function keep(line: string, host: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const at = pair.indexOf('=');
    const path = attributes.find((each) => each.toLowerCase().startsWith('path='))?.slice(5) ?? '/';
    const cookie = { name: pair.slice(0, at), value: pair.slice(at + 1), path, host };
    if (cookie.value === '') cookies.delete(`${host}${path}${cookie.name}`);
    else cookies.set(`${host}${path}${cookie.name}`, cookie);
  }

  const browser: Browser = {
    cookies,
    get: (url, headers = {}) => send(url, { headers }),
    post: (url, form, headers = {}) =>
      send(url, { method: 'POST', body: new URLSearchParams(form), headers }),
    async follow(start, origins) {
      let url = start;
      for (let hops = 0; hops < 20; hops += 1) {
        const response = await browser.get(url);
        const to = response.headers.get('location');
        if (to === null) return { url, response };
        const next = new URL(to, url);
        if (!origins.includes(next.origin)) return { url, response, location: next.href };
        url = next.href;
      }
      throw new Error('too many redirects');
    },
  };
  return browser;
}
