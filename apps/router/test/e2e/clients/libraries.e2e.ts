import { MODES } from '@switchyard/catalogue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { basic, type Estate, startEstate } from '../estate.ts';
import { type Connect, showsTrouble, useBothSites } from './both-sites.ts';
import {
  connectAiSdk,
  connectLangchain,
  connectOpenaiAgents,
  connectSdkV1,
  connectSdkV2,
} from './libraries.ts';

let estate: Estate;
beforeAll(async () => void (estate = await startEstate()));
afterAll(() => estate.close());

const CLIENTS: readonly (readonly [string, Connect])[] = [
  ['the official SDK v1', connectSdkV1],
  ['the official SDK v2', (...to) => connectSdkV2('legacy', ...to)],
  ['the Vercel AI SDK', connectAiSdk],
  ['LangChain', connectLangchain],
  ['the OpenAI Agents SDK', connectOpenaiAgents],
];

describe.each(CLIENTS)('%s', (_, connect) => {
  it('is turned away at once with a credential that is wrong, and shows its user that', async () => {
    const wrong = basic('alice@demo.example', 'not-her-token');
    await expect(connect(`${estate.url}/mcp`, wrong)).rejects.toThrow(
      /No valid Atlassian credential|\b401\b/,
    );
  });

  it('shows its user what is the matter with a site', async () => {
    await showsTrouble(estate, connect);
  });

  it.each(MODES)('lists every tool and calls two sites in mode %s', async (mode) => {
    await useBothSites(estate, connect, mode);
  });
});
