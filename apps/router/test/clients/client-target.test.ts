import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { clientTarget } from '../../src/clients/client-target.ts';

const BASE = 'https://mcp.acme.example';

describe('clientTarget', () => {
  it.each([
    ['a site', '/mcp/sites/eng', { site: 'ops' }],
    ['a view', '/mcp/views/triage', { view: 'other' }],
    ['a site, and a view is asked for', '/mcp/sites/eng', { view: 'triage' }],
    ['something else', '/other', { site: 'eng' }],
  ])('refuses a selection where the URL names %s already', (_, path, selection) => {
    expect(clientTarget(BASE + path, selection)).toBeUndefined();
  });

  it.each([
    ['', {}, '/mcp', 'switchyard'],
    ['/', {}, '/mcp', 'switchyard'],
    ['/mcp', {}, '/mcp', 'switchyard'],
    ['/v2/mcp', {}, '/v2/mcp', 'switchyard'],
    ['/mcp#part', {}, '/mcp', 'switchyard'],
    ['/mcp', { site: 'eng' }, '/mcp/sites/eng', 'switchyard-eng'],
    ['', { site: 'eng' }, '/mcp/sites/eng', 'switchyard-eng'],
    ['/v1/mcp', { site: 'eng' }, '/mcp/sites/eng', 'switchyard-eng'],
    [
      '',
      { site: 'alpha-eng.atlassian.net' },
      '/mcp/sites/alpha-eng.atlassian.net',
      'switchyard-alpha-eng-atl',
    ],
    ['', { view: 'triage' }, '/mcp/views/triage', 'switchyard-triage'],
    ['', { mode: 'lean' }, '/mcp?mode=lean', 'switchyard'],
    ['/mcp?readonly=true', { mode: 'merged' }, '/mcp?readonly=true&mode=merged', 'switchyard'],
    ['/mcp?mode=lean', { mode: 'merged' }, '/mcp?mode=merged', 'switchyard'],
    ['/mcp/sites/eng', { mode: 'merged' }, '/mcp/sites/eng?mode=merged', 'switchyard-eng'],
  ] as const)('of "%s" with %o is %s, called %s', (path, selection, url, name) => {
    expect(clientTarget(BASE + path, selection)).toEqual({ name, url: BASE + url });
  });

  it('gives a name that every client takes, for every site and view', () => {
    const selection = fc.oneof(
      fc.record({ site: fc.oneof(fc.domain(), fc.uuid(), fc.stringMatching(/^[a-z0-9-]{1,12}$/)) }),
      fc.record({ view: fc.stringMatching(/^[a-z0-9-]{1,40}$/) }),
    );
    fc.assert(
      fc.property(selection, (selection) => {
        const { name, url } = clientTarget(BASE, selection) ?? { name: '', url: '' };

        expect(name).toMatch(/^switchyard(?:-[a-z0-9]+)*$/);
        expect(name.length).toBeLessThanOrEqual(24);
        expect(url.split('/').at(-1)).toBe(Object.values(selection)[0]);
      }),
    );
  });
});
