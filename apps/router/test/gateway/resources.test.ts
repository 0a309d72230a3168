import { createSiteDirectory, parseCloudId, type SiteEntry } from '@switchyard/catalogue';
import { describe, expect, it } from 'vitest';

import { createResources } from '../../src/gateway/resources.ts';

const ENG = '11111111-aaaa-4aaa-8aaa-000000000001';
const OPS = '22222222-bbbb-4bbb-8bbb-000000000002';

function entry(id: string, alias: string): SiteEntry {
  const cloudId = parseCloudId(id);
  if (!cloudId) throw new Error(`not a cloudId: ${id}`);
  const url = `https://${alias}.atlassian.net`;
  return { cloudId, alias, url, endpoint: `${url}/mcp`, identity: 'personal' };
}

const resourceOf = createResources(createSiteDirectory([entry(ENG, 'eng'), entry(OPS, 'ops')]), {
  triage: { mode: 'namespaced' },
});

describe('what an access token is for', () => {
  it.each([
    ['/mcp', '/mcp'],
    ['/mcp/', '/mcp'],
    ['/v1/mcp', '/mcp'],
    ['/v2/mcp', '/mcp'],
    ['/mcp/sites/eng', `/mcp/sites/${ENG}`],
    ['/mcp/sites/ENG/', `/mcp/sites/${ENG}`],
    [`/mcp/sites/${ENG.toUpperCase()}`, `/mcp/sites/${ENG}`],
    ['/mcp/sites/eng.atlassian.net', `/mcp/sites/${ENG}`],
    ['/mcp/sites/ops', `/mcp/sites/${OPS}`],
    ['/mcp/views/triage', '/mcp/views/triage'],
  ])('is the same for every spelling: %s', (path, resource) => {
    expect(resourceOf(path)).toBe(resource);
  });

  it.each([
    '/',
    '',
    '/mcp2',
    '/mcp/sites/',
    '/mcp/sites/nowhere',
    '/mcp/views/none',
    '/mcp/views/constructor',
    '/mcp/sites/eng/more',
    '/v3/mcp',
    '/mcp/sites/%zz',
  ])('is nothing for %j', (path) => {
    expect(resourceOf(path)).toBeUndefined();
  });
});
