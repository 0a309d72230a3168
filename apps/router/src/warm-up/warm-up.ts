import { request } from 'node:http';
import { text } from 'node:stream/consumers';

import { createTelemetry, type Logger } from '@switchyard/telemetry';

import { type Config, toConfig } from '../config/config.ts';
import { ConfigFile } from '../config/schema.ts';
import { listenForMcp } from '../http/mcp-listener.ts';
import { buildParts } from '../parts.ts';
import { VERSION } from '../version.ts';
import { PLAYED_TOOL, type PlayedSites, playSites } from './played-sites.ts';

export { collectGarbage } from './collect-garbage.ts';

const SITES = 24;
const CALLS = 32;
const ALIAS = 'played-';
/** For each step: a process that starts cold is better than one that does not start. */
const MOST_MS = 10_000;

/**
 * Goes the way of a first list and of some calls, through a gateway of its own in front of played sites, so that the
 * code is compiled before anybody waits for it. Nothing of the real configuration is in that gateway, and nothing of it
 * is left afterwards. Where the loopback cannot be used, it says so in the log and the process starts cold.
 */
export async function warmUp(log: Logger, play: typeof playSites = playSites): Promise<void> {
  const startedAt = performance.now();
  try {
    const sites = await play(SITES);
    await rehearse(sites).finally(sites.close);
    log.debug({ ms: Math.round(performance.now() - startedAt) }, 'warmed up');
  } catch (error) {
    log.warn({ error }, 'not warmed up, the first requests will be slower');
  }
}

async function rehearse(sites: PlayedSites): Promise<void> {
  const config = configFor(sites);
  const telemetry = createTelemetry({ sites: [], version: VERSION, destination: SILENCE, ofProcess: false });
  const parts = await buildParts(config, telemetry);
  const listener = await listenForMcp(config, parts);
  try {
    parts.settlePublicUrl(listener.url);
    await askLikeAClient(createAsk(`${listener.url}/mcp`));
  } finally {
    // First the sites: nobody need say goodbye to them.
    sites.close();
    parts.streams.close();
    await listener.close(0);
    await parts.close();
  }
}

const SILENCE = { write: () => {} };

function configFor(sites: PlayedSites): Config {
  const file = {
    version: 1,
    listen: { host: '127.0.0.1', port: 0 },
    sites: Array.from({ length: SITES }, (_, at) => ({
      cloudId: sites.cloudId(at),
      alias: `${ALIAS}${at}`,
      url: `https://${ALIAS}${at}.atlassian.net`,
      endpoint: sites.endpoint(at),
      products: { jira: 'write', confluence: 'read' },
    })),
    auth: { apiToken: { enabled: true } },
    discovery: { concurrency: SITES },
  };
  return toConfig(ConfigFile.parse(file));
}

async function askLikeAClient(ask: Ask): Promise<void> {
  const clientInfo = { name: 'warm-up', version: VERSION };
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  const list = await ask('tools/list', {});
  if (!list.includes(`${ALIAS}${SITES - 1}__${PLAYED_TOOL}`))
    throw new Error('the played sites were not listed');
  const calls = Array.from({ length: CALLS }, (_, at) => {
    const name = `${ALIAS}${at % SITES}__${PLAYED_TOOL}`;
    return ask('tools/call', { name, arguments: { issueIdOrKey: 'PLAY-1' } });
  });
  await Promise.all(calls);
}

type Ask = (method: string, params: unknown) => Promise<string>;

function createAsk(url: string): Ask {
  const headers = {
    authorization: `Basic ${Buffer.from('played@example.com:played').toString('base64')}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  return (method, params) =>
    new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(MOST_MS);
      request(
        url,
        { method: 'POST', headers, signal },
        (response) => void text(response).then(resolve, reject),
      )
        .once('error', reject)
        .end(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    });
}
