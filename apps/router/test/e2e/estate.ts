import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createEmulator, type Emulator, type EmulatorOptions } from '@switchyard/rovo-emulator';

import { parseConfig } from '../../src/config/load-config.ts';
import { startSwitchyard, type Switchyard } from '../../src/switchyard.ts';

/** The made-up credentials of the emulator. */
export const CREDENTIALS = {
  alice: basic('alice@demo.example', 'demo-alice-token'),
  bob: basic('bob@demo.example', 'demo-bob-token'),
  carol: basic('carol@demo.example', 'demo-carol-classic-token'),
  dave: basic('dave@elsewhere.example', 'demo-dave-token'),
  service: 'Bearer demo-service-key',
  organisationKey: 'Bearer demo-org-admin-key',
} as const;

export const CLOUD_IDS = {
  eng: '11111111-aaaa-4aaa-8aaa-000000000001',
  ops: '22222222-bbbb-4bbb-8bbb-000000000002',
  labs: '33333333-cccc-4ccc-8ccc-000000000003',
} as const;

export function basic(email: string, token: string): string {
  return `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;
}

/** A site of the configuration; `lane` gives it an endpoint of its own, so that it can fail alone. */
export interface SiteSpec {
  readonly name: keyof typeof CLOUD_IDS;
  readonly alias?: string;
  readonly lane?: string;
  readonly path?: string;
  /** More YAML lines of the site. */
  readonly more?: string;
}

const HOSTS = { eng: 'alpha-eng', ops: 'beta-ops', labs: 'gamma-labs' } as const;
const V2 = '/v2/mcp?tools=all';

/** Three sites as the demo has them: two v2, one v1, the last without an alias. */
export const THREE_SITES: readonly SiteSpec[] = [
  { name: 'eng', alias: 'eng' },
  { name: 'ops', alias: 'ops', path: '/v1/mcp' },
  { name: 'labs' },
];

/** The same, each behind its own endpoint. */
export const THREE_LANES: readonly SiteSpec[] = THREE_SITES.map((site) => ({ ...site, lane: site.name }));

/** The block `sites` of a configuration. */
export function sitesText(upstream: string, sites: readonly SiteSpec[]): string {
  const entries = sites.map(({ name, alias, lane, path, more: lines = '' }) =>
    [
      `  - cloudId: ${CLOUD_IDS[name]}`,
      `    url: https://${HOSTS[name]}.atlassian.net`,
      ...(alias ? [`    alias: ${alias}`] : []),
      `    endpoint: ${upstream}${lane ? `/${lane}` : ''}${path ?? V2}`,
      ...lines
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => `    ${line}`),
    ].join('\n'),
  );
  return `sites:\n${entries.join('\n')}`;
}

export function configText(upstream: string, sites: readonly SiteSpec[], more = ''): string {
  return `version: 1
listen: { port: 0 }
admin: { port: 0 }
log: { level: silent }
${sitesText(upstream, sites)}
${more.includes('auth:') ? '' : 'auth: { apiToken: { enabled: true } }'}
${more}
`;
}

export interface EstateOptions {
  readonly sites?: readonly SiteSpec[];
  /** The whole configuration, for an upstream address; instead of `sites`. */
  readonly config?: (upstream: string) => string;
  /** More YAML at top level. */
  readonly more?: string;
  readonly emulator?: EmulatorOptions;
  /** Use this one instead of an emulator of its own. */
  readonly upstream?: Emulator & { readonly url: string };
  readonly env?: Readonly<Record<string, string>>;
}

/** An emulator and a Switchyard in front of it, with real sockets. */
export interface Estate {
  readonly emulator: Emulator;
  readonly switchyard: Switchyard;
  readonly upstreamUrl: string;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Exchanges the text that a reload reads. */
  rewrite(text: string): void;
  request(message: Readonly<Record<string, unknown>>, options?: RequestOptions): Promise<McpResponse>;
  list(options?: RequestOptions): Promise<ToolListResult>;
  call(name: string, args?: unknown, options?: RequestOptions): Promise<McpResponse>;
  connect(path?: string, authorization?: string): Promise<Client>;
  close(): Promise<void>;
}

interface RequestOptions {
  readonly path?: string;
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface McpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    readonly result?: ToolResult;
    readonly error?: { readonly code: number; readonly message: string };
  };
}

interface ToolResult {
  readonly isError?: boolean;
  readonly content?: readonly { readonly type: string; readonly text: string }[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly properties?: Record<string, unknown>; readonly required?: string[] };
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly _meta: Readonly<Record<string, unknown>>;
}

interface SiteRowJson {
  readonly site: string;
  readonly cloudId: string;
  readonly status: string;
  readonly tools: number;
  readonly reason?: string;
}

interface ToolListResult {
  readonly tools: readonly ListedTool[];
  readonly names: readonly string[];
  readonly rows: readonly SiteRowJson[];
}

export async function startEstate(options: EstateOptions = {}): Promise<Estate> {
  const emulator = options.upstream ?? createEmulator(options.emulator);
  const upstreamUrl = options.upstream?.url ?? (await emulator.listen({ port: 0 })).url;
  let text =
    options.config?.(upstreamUrl) ?? configText(upstreamUrl, options.sites ?? THREE_SITES, options.more);
  const readConfig = () => parseConfig(text, { path: 'switchyard.yaml', env: options.env ?? {} });
  const switchyard = await startSwitchyard({ config: readConfig(), readConfig });
  const url = switchyard.publicUrl;

  async function request(
    message: Readonly<Record<string, unknown>>,
    how: RequestOptions = {},
  ): Promise<McpResponse> {
    const response = await fetch(url + (how.path ?? '/mcp'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: how.as ?? CREDENTIALS.alice,
        ...how.headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    });
    const body = await response.text();
    return { status: response.status, headers: response.headers, text: body, body: parse(body) };
  }

  return {
    emulator,
    switchyard,
    upstreamUrl,
    url,
    rewrite: (next) => void (text = next),
    request,
    async list(how) {
      const { body } = await request({ id: 1, method: 'tools/list' }, how);
      const { tools, _meta } = body.result as unknown as {
        tools: ListedTool[];
        _meta: Record<string, SiteRowJson[]>;
      };
      return { tools, names: tools.map(({ name }) => name), rows: _meta['switchyard/sites'] ?? [] };
    },
    call: (name, args = {}, how) =>
      request({ id: 1, method: 'tools/call', params: { name, arguments: args } }, how),
    async connect(path = '/mcp', authorization = CREDENTIALS.alice) {
      const client = new Client({ name: 'test', version: '1' });
      const transport = new StreamableHTTPClientTransport(new URL(url + path), {
        requestInit: { headers: { authorization } },
      });
      await client.connect(transport);
      return client;
    },
    async close() {
      await switchyard.close();
      if (!options.upstream) await emulator.close();
    },
  };
}

function parse(text: string): McpResponse['body'] {
  try {
    return JSON.parse(text) as McpResponse['body'];
  } catch {
    return {};
  }
}

/** The JSON value that a tool said in its first text. */
export function said(response: McpResponse): unknown {
  return JSON.parse(response.body.result?.content?.[0]?.text ?? 'null');
}

/** Waits until something is so; fails with the last error after twenty seconds. */
export async function eventually(check: () => Promise<void> | void): Promise<void> {
  const end = Date.now() + 20_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
