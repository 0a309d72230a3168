import type { Mode } from '@switchyard/catalogue';
import { expect } from 'vitest';

import { CLOUD_IDS, CREDENTIALS, type Estate } from '../estate.ts';

type ToolArguments = Readonly<Record<string, unknown>>;

/** A client that has connected, whatever its own way of listing and calling. */
export interface ConnectedClient {
  listNames(): Promise<readonly string[]>;
  /** The answer in the client's own shape; rejects where the client throws. */
  call(name: string, args: ToolArguments): Promise<unknown>;
  close(): Promise<void>;
}

/** Connects a client to an MCP URL with an `Authorization` value. */
export type Connect = (url: string, authorization: string) => Promise<ConnectedClient>;

/** The tool of each of the two sites, the issue it is asked for, and where that issue is. */
export const BOTH_SITES = [
  { site: 'eng', name: 'eng__getJiraIssue', issue: 'ENG-1', cloudId: CLOUD_IDS.eng },
  { site: 'ops', name: 'ops__getJiraIssue', issue: 'OPS-1', cloudId: CLOUD_IDS.ops },
] as const;

/** How one issue of a site is read in each mode. */
const READ_ISSUE: Readonly<Record<Mode, (site: string, issue: string) => [string, ToolArguments]>> = {
  namespaced: (site, issue) => [`${site}__getJiraIssue`, { issueIdOrKey: issue }],
  merged: (site, issue) => ['getJiraIssue', { site, issueIdOrKey: issue }],
  lean: (site, issue) => ['callReadTool', { tool: 'getJiraIssue', site, arguments: { issueIdOrKey: issue } }],
};

/** Lists every tool and calls two sites, in one mode; each call must reach its own site as alice. */
export async function useBothSites(
  estate: Estate,
  connect: Connect,
  mode: Mode = 'namespaced',
): Promise<void> {
  const path = `/mcp?mode=${mode}`;
  const client = await connect(estate.url + path, CREDENTIALS.alice);
  try {
    expect(await client.listNames()).toEqual((await estate.list({ path })).names);
    for (const { site, issue, cloudId } of BOTH_SITES) {
      const [name, args] = READ_ISSUE[mode](site, issue);
      estate.emulator.control.clearRequests();
      expect(JSON.stringify(await client.call(name, args))).toContain(issue);
      expect(reached(estate)).toEqual([{ tool: 'getJiraIssue', cloudId, account: '712020:alice' }]);
    }
  } finally {
    await client.close();
  }
}

/** A site that limits the rate: whether the client throws or answers, its user must learn how long to wait. */
export async function showsTrouble(estate: Estate, connect: Connect): Promise<void> {
  const { control } = estate.emulator;
  const client = await connect(`${estate.url}/mcp`, CREDENTIALS.alice);
  control.addFault({
    match: { tool: 'getJiraIssue', cloudId: CLOUD_IDS.eng },
    effect: { kind: 'http', status: 429, retryAfterSeconds: 7 },
  });
  try {
    const shown = client.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }).then(JSON.stringify, String);
    expect(await shown).toMatch(/\beng\b.*7 seconds/s);
  } finally {
    control.clearFaults();
    await client.close();
  }
}

function reached(estate: Estate): unknown[] {
  return estate.emulator.control
    .requests()
    .filter(({ method }) => method === 'tools/call')
    .map(({ tool, cloudId, account }) => ({ tool, cloudId, account }));
}
