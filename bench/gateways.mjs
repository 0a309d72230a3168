// The systems that are compared, each with the requests that it understands.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { AUTHORIZATION, PRODUCTS, PROTOCOL_VERSION, siteAt, sitesOf } from './estate.mjs';
import { askOnce, postRequest } from './load.mjs';
import { startNginx } from './nginx.mjs';
import { GATEWAY_CORE, LOAD_CORE, start } from './processes.mjs';

/** @typedef {import('./processes.mjs').Running} Running */
/** @typedef {import('./load.mjs').Request} Request */

/**
 * @typedef {object} Target one system, and how it is asked
 * @property {string} name
 * @property {number} port
 * @property {Running | undefined} process undefined: there is none between load and upstream
 * @property {(tool: string, connection: number) => Promise<Request>} call
 */

/** nginx with `proxy_pass` and nothing else, in the tables. */
export const AS_PACKAGED = 'nginx as packaged';

/** @param {string} name */
const script = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A folder of its own, removed when the process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * @param {{ sites: number, delayMs: number }} options
 * @returns {Promise<Running & { port: number }>}
 */
export async function startUpstream({ sites, delayMs }) {
  const running = await start(
    [process.execPath, script('upstream.mjs'), '--sites', String(sites), '--delay', String(delayMs)],
    { core: LOAD_CORE },
  );
  return { ...running, port: Number(running.hello.port) };
}

/**
 * @param {{ upstreamPort: number, sites: number, folder: string, freshSeconds?: number, concurrency?: number, nodeFlags?: string[] }} options
 * @returns {Promise<Running & { port: number }>}
 */
export async function startSwitchyard({
  upstreamPort,
  sites,
  folder,
  freshSeconds = 3_600,
  concurrency,
  nodeFlags = [],
}) {
  const file = join(folder, `switchyard-${sites}-${freshSeconds}.json`);
  const config = {
    version: 1,
    listen: { port: 0 },
    admin: { port: 0 },
    sites: sitesOf(sites).map(({ cloudId, alias, path }) => ({
      cloudId,
      alias,
      url: `https://${alias}.atlassian.net`,
      endpoint: `http://127.0.0.1:${upstreamPort}${path}`,
      products: PRODUCTS,
    })),
    auth: { apiToken: { enabled: true } },
    discovery: { freshSeconds, concurrency },
    log: { level: 'warn' },
  };
  writeFileSync(file, JSON.stringify(config));
  const program = script('../apps/router/bin/switchyard.js');
  const command = [process.execPath, ...nodeFlags, program, 'serve', '--json', '--config', file];
  const running = await start(command, { core: GATEWAY_CORE });
  return { ...running, port: Number(new URL(running.hello.mcpUrl).port) };
}

/**
 * @param {{ upstreamPort: number, sites: number }} options
 * @returns {Promise<Running & { port: number }>}
 */
export async function startNaive({ upstreamPort, sites }) {
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const running = await start(
    [process.execPath, script('naive-gateway.mjs'), '--upstream', upstream, '--sites', String(sites)],
    { core: GATEWAY_CORE },
  );
  return { ...running, port: Number(running.hello.port) };
}

/**
 * All systems in front of one upstream.
 * @param {{ sites: number, nginx: string | undefined, folder: string }} options
 */
export async function startTargets({ sites, nginx, folder }) {
  const upstream = await startUpstream({ sites, delayMs: 0 });
  const upstreamPort = upstream.port;
  const switchyard = await startSwitchyard({ upstreamPort, sites, folder });
  const naive = await startNaive({ upstreamPort, sites });
  const proxy = nginx ? await startNginx({ program: nginx, folder, upstreamPort }) : undefined;
  const packaged = nginx && (await startNginx({ program: nginx, folder, upstreamPort, isPackaged: true }));
  /** @type {Target[]} */
  const targets = [
    { name: 'direct', port: upstreamPort, process: undefined, call: callOfSite(upstreamPort, sites) },
    ...(proxy
      ? [{ name: 'nginx', port: proxy.port, process: proxy, call: callOfSite(proxy.port, sites) }]
      : []),
    ...(packaged
      ? [
          {
            name: AS_PACKAGED,
            port: packaged.port,
            process: packaged,
            call: callOfSite(packaged.port, sites),
          },
        ]
      : []),
    { name: 'switchyard', port: switchyard.port, process: switchyard, call: callOfSwitchyard(sites) },
    { name: 'naive', port: naive.port, process: naive, call: callOfNaive(naive.port, sites) },
  ];
  return { upstream, targets, proxy, switchyard, naive };
}

/** Headers of a client that has said who it is. */
export const KNOWN = { authorization: AUTHORIZATION, 'mcp-protocol-version': PROTOCOL_VERSION };
const ARGUMENTS = { issueIdOrKey: 'ENG-1', fields: ['summary', 'status'] };

/**
 * @param {string} path
 * @returns {Request}
 */
export function initializeRequest(path) {
  const params = {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  };
  return postRequest({ path, headers: { authorization: AUTHORIZATION }, method: 'initialize', params });
}

/** @param {Record<string, string>} [session] */
export function listRequest(session = {}) {
  return postRequest({ path: '/mcp', headers: { ...KNOWN, ...session }, method: 'tools/list', params: {} });
}

/**
 * Opens a session and returns the headers that name it.
 * @param {number} port
 * @param {string} path
 * @returns {Promise<Record<string, string>>}
 */
export async function openSession(port, path) {
  const { head, status } = await askOnce(port, initializeRequest(path));
  if (status !== 200) throw new Error(`initialize: HTTP ${status}`);
  const id = /\r\nmcp-session-id: *(\S+)/i.exec(head)?.[1];
  return id === undefined ? {} : { 'mcp-session-id': id };
}

/**
 * The site's own names and its own argument: for the upstream itself and for a proxy of bytes.
 * @param {number} port
 * @param {number} sites
 * @returns {Target['call']}
 */
function callOfSite(port, sites) {
  return async (tool, connection) => {
    const { path, cloudId } = siteAt(connection % sites);
    const headers = { ...KNOWN, ...(await openSession(port, path)) };
    return postRequest({
      path,
      headers,
      method: 'tools/call',
      params: { name: tool, arguments: { cloudId, ...ARGUMENTS } },
    });
  };
}

/**
 * @param {number} sites
 * @returns {Target['call']}
 */
export function callOfSwitchyard(sites) {
  return async (tool, connection) => namespacedCall(tool, connection % sites, {});
}

/**
 * @param {number} port
 * @param {number} sites
 * @returns {Target['call']}
 */
function callOfNaive(port, sites) {
  return async (tool, connection) =>
    namespacedCall(tool, connection % sites, await openSession(port, '/mcp'));
}

/**
 * @param {string} tool
 * @param {number} site
 * @param {Record<string, string>} session
 */
function namespacedCall(tool, site, session) {
  const params = { name: `${siteAt(site).alias}__${tool}`, arguments: ARGUMENTS };
  return postRequest({ path: '/mcp', headers: { ...KNOWN, ...session }, method: 'tools/call', params });
}
