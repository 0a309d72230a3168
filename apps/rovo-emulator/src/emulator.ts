// An Atlassian Rovo MCP endpoint in one process: puts the parts together and owns the HTTP server.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createControlEndpoint } from './control-endpoint.ts';
import { createCredentials } from './credentials.ts';
import { defaultAccounts, defaultSites } from './demo-estate.ts';
import { createEmulatorControl, type EmulatorControl } from './emulator-control.ts';
import type { EmulatorOptions, EmulatorSettings } from './emulator-options.ts';
import { createFaults } from './faults.ts';
import { httpErrorReply, RPC_CODES, sendReply } from './http-reply.ts';
import { createJournal } from './journal.ts';
import { createLimits } from './limits.ts';
import { createMcpEndpoint } from './mcp-endpoint.ts';
import { createOAuthSide } from './oauth/oauth-side.ts';
import { createRouter } from './route.ts';
import { createRpcMethods } from './rpc-methods.ts';
import { createSessions } from './sessions.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { createSiteDirectory } from './site-directory.ts';
import { createToolCaller } from './tool-call.ts';
import { createToolLists } from './tool-lists.ts';

/** A running or runnable emulator. */
export interface Emulator {
  /** Starts to serve; default 127.0.0.1 on any free port. `url` is the origin without a path. */
  listen(options?: {
    readonly host?: string;
    readonly port?: number;
  }): Promise<{ url: string; port: number }>;
  /** Ends every connection, hanging ones as well. Safe to call twice. */
  close(): Promise<void>;
  readonly control: EmulatorControl;
}

const DEFAULT_SESSION_TTL_MS = 3_600_000;
/** Above the idle time of HTTP clients, so that they close connections first. */
const KEEP_ALIVE_MS = 75_000;

/** Builds an emulator; throws when a raw tool is not valid. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const closing = new AbortController();
  const handle = createRequestHandler(options, closing.signal);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, handle.request);
  return {
    control: handle.control,
    listen: ({ host = '127.0.0.1', port = 0 } = {}) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const address = server.address() as AddressInfo; // a TCP server that listens has one
          const urlHost = host.includes(':') ? `[${host}]` : host;
          resolve({ url: `http://${urlHost}:${address.port}`, port: address.port });
        });
      }),
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface RequestHandler {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  readonly control: EmulatorControl;
}

function createRequestHandler(options: EmulatorOptions, closing: AbortSignal): RequestHandler {
  const { now = Date.now, accounts = defaultAccounts, issuerPath } = options;
  const settings: EmulatorSettings = { ...DEFAULT_SETTINGS, ...options.settings };
  const sites = createSiteDirectory(options.sites ?? defaultSites, accounts);
  const lists = createToolLists(settings, options.rawTools);
  const sessions = createSessions(options.sessionTtlMs ?? DEFAULT_SESSION_TTL_MS, now);
  const faults = createFaults();
  const journal = createJournal(settings);
  const routeOf = createRouter();
  const oauth = createOAuthSide({ accounts, sites, settings, routeOf, now, closing, issuerPath });
  const control = createEmulatorControl({ faults, journal, lists, oauth: oauth.control, sessions, settings });
  const answer = createRpcMethods({
    settings,
    sessions,
    lists,
    callTool: createToolCaller({ lists, sites, settings }),
  });
  const mcp = createMcpEndpoint({
    settings,
    sessions,
    sites,
    faults,
    journal,
    answer,
    closing,
    now,
    identify: createCredentials(accounts, oauth.findIssued),
    admit: createLimits(settings, now),
  });
  const controlEndpoint = createControlEndpoint(control);
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? '/';
    const route = routeOf(url);
    if (route !== undefined) return mcp({ request, response, route });
    if (url.startsWith('/control/')) return controlEndpoint(request, response);
    if (await oauth.endpoint(request, response)) return;
    sendReply(response, httpErrorReply(404, { code: RPC_CODES.server, message: 'Not Found' }));
  };
  return {
    control,
    request(request, response) {
      // What fails here is a client that went away or an emulator that closes: nobody is left to tell.
      serve(request, response).catch(() => response.destroy());
    },
  };
}
