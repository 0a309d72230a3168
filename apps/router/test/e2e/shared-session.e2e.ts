import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Estate, startEstate } from './estate.ts';

let estate: Estate;
beforeAll(async () => void (estate = await startEstate()));
afterAll(() => estate.close());

describe('many clients of one caller', () => {
  it('share one upstream session', async () => {
    estate.emulator.control.clearRequests();
    const clients = await Promise.all(Array.from({ length: 8 }, () => estate.connect()));
    const call = { name: 'eng__getJiraIssue', arguments: { issueIdOrKey: 'ENG-1' } };
    await Promise.all(clients.map((client) => client.callTool(call)));
    // Before it is opened there is no session to name.
    const named = estate.emulator.control.requests().filter(({ method }) => method !== 'initialize');
    expect(new Set(named.map(({ sessionId }) => sessionId)).size).toBe(1);
    await Promise.all(clients.map((client) => client.close()));
  });
});
