import { afterAll, beforeAll, describe, test } from 'vitest';

import { createRedirectPolicy, REDIRECT_PRESETS } from '../../src/authorization-server/redirect-policy.ts';
import {
  authorizeUrl,
  register,
  startTestServer,
  type TestServer,
} from '../authorization-server/test-server.ts';
import { HOSTILE_REDIRECTS } from './redirect-uris.ts';
import { tryAll } from './report.ts';

describe('addresses that lead elsewhere', () => {
  let running: TestServer;
  beforeAll(async () => void (running = await startTestServer()));
  afterAll(() => running.close());

  test('no rule admits one', async () => {
    const policy = createRedirectPolicy(REDIRECT_PRESETS);
    await tryAll('redirect addresses, by rule', {
      cases: HOSTILE_REDIRECTS,
      least: 500,
      passes: (uri) => policy.admits(uri),
    });
  });

  test('no registration takes one, alone or beside a good one', async () => {
    const cases = HOSTILE_REDIRECTS.filter((_uri, index) => index % 10 === 0);
    const good = 'https://claude.ai/api/mcp/auth_callback';
    await tryAll('redirect addresses, registered', {
      cases,
      least: 50,
      passes: async (uri) => {
        const alone = await register(running, { redirect_uris: [uri] });
        const beside = await register(running, { redirect_uris: [good, uri] });
        return alone.status !== 400 || beside.status !== 400;
      },
    });
  });

  test('no request gets its answer sent to one', async () => {
    const clientId = String((await register(running)).body['client_id']);
    await tryAll('redirect addresses, requested', {
      cases: HOSTILE_REDIRECTS.filter((_uri, index) => index % 10 === 5),
      least: 50,
      passes: async (uri) => {
        const response = await fetch(authorizeUrl(running, clientId, { redirect_uri: uri }), {
          redirect: 'manual',
        });
        return !(await response.text()).includes('invalid_redirect_uri');
      },
    });
  });
});
