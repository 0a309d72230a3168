// What a person does in a browser between an authorization request and its answer, without a browser.

/**
 * Opens the URL, continues to the sign-in, allows everything, and ends where the client gets its answer.
 * @param {string} url @returns {Promise<void>}
 */
export async function signInAndAllow(url) {
  const cookies = new Map();
  const handOver = await go(url, cookies);
  const consent = await go(`${handOver.url}/continue`, cookies, fieldsOf(handOver.html, []));
  await go(consent.url, cookies, fieldsOf(consent.html, [['decision', 'allow']]));
}

/** Follows redirects, and pages that lead on by themselves. */
async function go(start, cookies, form) {
  let url = start;
  let body = form;
  for (let hops = 0; hops < 20; hops += 1) {
    const { origin } = new URL(url);
    const cookie = [...cookies.values()].filter((each) => each.origin === origin).map(({ pair }) => pair);
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      ...(body && { body }),
      headers: { ...(body && { origin }), cookie: cookie.join('; ') },
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';')[0];
      cookies.set(`${origin} ${pair.split('=')[0]}`, { origin, pair });
    }
    const html = await response.text();
    const refresh = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(html)?.[1];
    const next = response.headers.get('location') ?? refresh?.replaceAll('&amp;', '&');
    if (next === undefined) return { url, html };
    url = new URL(next, url).href;
    body = undefined;
  }
  throw new Error('the sign-in goes round in circles');
}

/** Every hidden field and every ticked box, as a browser would send them. */
function fieldsOf(html, more) {
  const inputs = [...html.matchAll(/<input ([^>]*)>/g)].map(([, attributes]) => attributes);
  const sent = inputs.filter((each) => each.includes('type="hidden"') || / checked/.test(each));
  return new URLSearchParams([
    ...sent.map((each) => [valueOf(each, 'name'), valueOf(each, 'value')]),
    ...more,
  ]);
}

function valueOf(attributes, name) {
  return new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
}
