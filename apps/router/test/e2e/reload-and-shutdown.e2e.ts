import { afterEach, describe, expect, it } from 'vitest';

import {
  configText,
  CREDENTIALS,
  type Estate,
  eventually,
  said,
  startEstate,
  THREE_SITES,
} from './estate.ts';

let estate: Estate;
afterEach(() => estate.close());

function reload(): Promise<Response> {
  return fetch(`${estate.switchyard.adminUrl}/admin/v1/config/reload`, { method: 'POST' });
}

describe('a reload', () => {
  it('exchanges sites, rules and views whole', async () => {
    estate = await startEstate();
    expect((await estate.list()).rows).toHaveLength(3);
    estate.rewrite(
      configText(estate.upstreamUrl, [{ name: 'eng', alias: 'dev', more: 'products: { jira: read }' }]),
    );

    const response = await reload();

    expect(await response.json()).toEqual({ reloaded: true, needsRestart: [] });
    const { rows, tools } = await estate.list();
    expect(rows.map(({ site }) => site)).toEqual(['dev']);
    expect(tools.slice(1).every(({ _meta }) => _meta['switchyard/access'] === 'read')).toBe(true);
    expect((await estate.request({ id: 1, method: 'ping' }, { as: CREDENTIALS.bob })).status).toBe(403);
  });

  it('turns API tokens off for callers who are known already', async () => {
    estate = await startEstate();
    await estate.list();
    estate.rewrite(configText(estate.upstreamUrl, THREE_SITES, 'auth: { apiToken: { enabled: false } }'));
    await reload();
    expect((await estate.request({ id: 1, method: 'ping' })).status).toBe(401);
  });

  it('of an invalid file keeps the running configuration and says why', async () => {
    estate = await startEstate();
    estate.rewrite('version: 1\nsitess: []\n');

    const response = await reload();

    expect(response.status).toBe(422);
    expect(await response.text()).toContain('did you mean \\"sites\\"');
    expect((await estate.list()).rows).toHaveLength(3);
    const metrics = await (await fetch(`${estate.switchyard.adminUrl}/metrics`)).text();
    expect(metrics).toContain('switchyard_config_last_reload_successful 0');
  });

  it('names the settings that need a restart', async () => {
    estate = await startEstate();
    estate.rewrite(configText(estate.upstreamUrl, THREE_SITES, 'discovery: { freshSeconds: 7 }'));
    expect(await (await reload()).json()).toEqual({
      reloaded: true,
      needsRestart: ['discovery.freshSeconds'],
    });
  });
});

describe('a stop', () => {
  it('lets calls under way finish and takes no new ones', async () => {
    estate = await startEstate();
    await estate.list();
    estate.emulator.control.addFault({ match: { tool: 'getJiraIssue' }, effect: { kind: 'slow', ms: 500 } });
    const underWay = estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' });
    await eventually(() => {
      expect(estate.emulator.control.requests().some(({ tool }) => tool === 'getJiraIssue')).toBe(true);
    });

    const stopped = estate.switchyard.close();
    await expect(estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' })).rejects.toThrow('fetch failed');

    expect(JSON.stringify(said(await underWay))).toContain('ENG-1');
    await stopped;
    await estate.switchyard.close();
  });
});
