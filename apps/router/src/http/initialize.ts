import { setTimeout as delay } from 'node:timers/promises';

import type { Mode } from '@switchyard/catalogue';
import { cacheable, MODERN_VERSIONS, negotiateVersion, SERVER_INFO_KEY } from '@switchyard/wire';

import type { Gateway } from '../gateway/gateway.ts';
import { relaysFreely, relaysMethod } from '../gateway/site-relay.ts';
import { VERSION } from '../version.ts';
import type { McpExchange } from './mcp-exchange.ts';

const ABOUT_SITES =
  'switchyard_sites lists the sites, their state, and what to do about one that has trouble; switchyard_explain says why a tool is missing.';

/** How the tools are to be used. */
const INSTRUCTIONS: Readonly<Record<Mode, string>> = {
  namespaced: `Tools of several Atlassian sites. Each tool name begins with the name of its site and two underscores; the same tool exists once per site, so choose the site first. ${ABOUT_SITES}`,
  merged: `Tools of several Atlassian sites. Each tool exists once; its argument "site" says at which site it runs, so choose the site first. ${ABOUT_SITES}`,
  lean: `Tools of several Atlassian sites, found and run through four tools: findTools finds one by what it does, describeTool shows its arguments, callReadTool and callWriteTool run it at one site. ${ABOUT_SITES}`,
};

const SERVER_INFO = { name: 'switchyard', title: 'Switchyard', version: VERSION };

/** How long a modern client may keep what `server/discover` says. */
const DISCOVER_TTL_MS = 300_000;

/** The answer to `initialize`, made from memory: no site is asked (but once for what a single-site URL relays). */
export async function initializeResult(exchange: McpExchange, gateway: Gateway): Promise<string> {
  return JSON.stringify({
    protocolVersion: negotiateVersion(exchange.message.params['protocolVersion']),
    capabilities: await capabilitiesOf(exchange, gateway),
    serverInfo: SERVER_INFO,
    instructions: INSTRUCTIONS[exchange.admitted.view.mode],
  });
}

/** The answer to `server/discover`. The versions are the ones that the version error names. */
export async function discoverResult(exchange: McpExchange, gateway: Gateway): Promise<string> {
  const discovered = JSON.stringify({
    supportedVersions: MODERN_VERSIONS,
    capabilities: await capabilitiesOf(exchange, gateway),
    instructions: INSTRUCTIONS[exchange.admitted.view.mode],
    _meta: { [SERVER_INFO_KEY]: SERVER_INFO },
  });
  return `{${cacheable(DISCOVER_TTL_MS)},${discovered.slice(1)}`;
}

/** What is relayed whole besides tools; logging exists in the session era only. */
const RELAYED: readonly string[] = ['resources', 'prompts', 'completions'];

async function capabilitiesOf(exchange: McpExchange, gateway: Gateway): Promise<Record<string, unknown>> {
  const tools = { tools: { listChanged: true } };
  const { view, openings } = exchange.admitted;
  const [opening] = openings;
  if (!opening || !view.single || !relaysFreely(opening)) return tools;
  try {
    const { deadlineMs } = exchange.admitted.runtime.config.discovery;
    const offered = await Promise.race([
      gateway.relay.capabilities(opening, exchange.client),
      nothingAfter(deadlineMs),
    ]);
    const logs = exchange.client.era === 'legacy' && relaysMethod(opening, 'logging/setLevel');
    const names = logs ? [...RELAYED, 'logging'] : RELAYED;
    return {
      ...tools,
      ...Object.fromEntries(names.filter((name) => name in offered).map((name) => [name, offered[name]])),
    };
  } catch {
    // A site that does not answer must not keep the client out: its tools are all that is promised.
    return tools;
  }
}

async function nothingAfter(ms: number): Promise<Readonly<Record<string, unknown>>> {
  await delay(ms, undefined, { ref: false });
  return {};
}
