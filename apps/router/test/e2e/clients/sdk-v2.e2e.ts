import type { VersionNegotiationMode } from '@modelcontextprotocol/client';
import { MODES } from '@switchyard/catalogue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CREDENTIALS, type Estate, startEstate } from '../estate.ts';
import { showsTrouble, useBothSites } from './both-sites.ts';
import { connectSdkV2 } from './libraries.ts';

let estate: Estate;
beforeAll(async () => void (estate = await startEstate()));
afterAll(() => estate.close());

const NEGOTIATIONS: readonly (readonly [string, VersionNegotiationMode, string])[] = [
  ['told nothing', 'legacy', 'legacy'],
  ['told to find out', 'auto', 'modern'],
  ['pinned to 2026-07-28', { pin: '2026-07-28' }, 'modern'],
];

describe.each(NEGOTIATIONS)('the official SDK v2, %s', (_, mode, era) => {
  it(`speaks the ${era} era`, async () => {
    const client = await connectSdkV2(mode, `${estate.url}/mcp`, CREDENTIALS.alice);
    expect(client.era).toBe(era);
    await client.close();
  });

  it('shows its user what is the matter with a site', async () => {
    await showsTrouble(estate, (...to) => connectSdkV2(mode, ...to));
  });

  it.each(MODES)('lists every tool and calls two sites in mode %s', async (presented) => {
    await useBothSites(estate, (...to) => connectSdkV2(mode, ...to), presented);
  });
});
