import { expect, it } from 'vitest';

import { THREE_SITES } from '../estate.ts';
import { authorizeUrl, registerClaude } from './oauth-client.ts';
import { startPeopleEstate } from './people-estate.ts';

it.each([
  ['192.0.2.0/24', true],
  ['127.0.0.0/8', false],
])('shows pages only to browsers of %s: refused here: %s', async (range, refused) => {
  const auth = `addresses: { browser: [${range}] }`;
  const { url } = await startPeopleEstate({ sites: THREE_SITES, auth });
  // Programs come from elsewhere: they have lists of their own.
  const client = await registerClaude(url);

  const pages = [authorizeUrl(url, client).href, `${url}/connect`, `${url}/oauth/sign-in?to=/connect`];
  for (const page of pages) {
    const { status } = await fetch(page, { redirect: 'manual' });
    expect(status).toBe(refused ? 403 : 303);
  }
});
