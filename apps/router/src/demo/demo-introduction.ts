import { columns } from '../cli/console-io.ts';
import { findRecipe } from '../clients/client-recipes.ts';
import type { DemoMode } from './demo-modes.ts';
import { countOf, type DemoCredential, type DemoPerson } from './demo-people.ts';

/** The demo, when it is up. */
export interface RunningDemo {
  readonly publicUrl: string;
  readonly adminUrl: string;
  readonly credentials: readonly DemoCredential[];
  readonly people: readonly DemoPerson[];
  readonly modes: readonly DemoMode[];
}

/** What the demo says when it is up: for people as lines, for programs as JSON. */
export function demoIntroduction(running: RunningDemo): { json: unknown; lines: string[] } {
  const { publicUrl, adminUrl, credentials, people, modes } = running;
  const mcpUrl = `${publicUrl}/mcp`;
  const authorization = credentials[0]?.authorization ?? '';
  const curl = curlFor(mcpUrl, authorization);
  const clientConfig = {
    mcpServers: { switchyard: { type: 'http', url: mcpUrl, headers: { Authorization: authorization } } },
  };
  const urls = { site: `${mcpUrl}/sites/eng`, view: `${mcpUrl}/views/triage` };
  const signIn = { url: mcpUrl, connectUrl: `${publicUrl}/connect`, people };
  return {
    json: { mcpUrl, adminUrl, authorization, credentials, urls, modes, signIn, curl, clientConfig },
    lines: [
      'Switchyard demo: three emulated Atlassian sites behind one connector. Nothing leaves this machine.',
      '',
      `  MCP URL     ${mcpUrl}`,
      `  one site    ${urls.site}`,
      `  a view      ${urls.view}`,
      `  admin       ${adminUrl}  (/metrics, /readyz, /admin/v1/sites)`,
      '',
      'The same three sites in three modes:',
      ...modes.map(
        ({ mode, tools, url }) => `  ${mode.padEnd(10)}  ${String(tools).padStart(3)} tools  ${url}`,
      ),
      '',
      ...signInLines(signIn),
      '',
      'Or send a credential as a header (made up; they open the emulator only):',
      ...indented(credentials.map(({ who, authorization: header }) => [who, `Authorization: ${header}`])),
      '',
      'List all tools:',
      `  ${curl}`,
      '',
      'A client that takes headers:',
      `  ${JSON.stringify(clientConfig)}`,
      '',
      'Ctrl-C ends it.',
    ],
  };
}

function indented(rows: readonly (readonly string[])[]): string[] {
  return columns(rows).map((line) => `  ${line}`);
}

interface SignIn {
  readonly url: string;
  readonly connectUrl: string;
  readonly people: readonly DemoPerson[];
}

/** Claude and ChatGPT on the web cannot reach this machine; programs on it can. */
function signInLines({ url, connectUrl, people }: SignIn): string[] {
  return [
    'Sign in with the browser (OAuth), as Claude does:',
    '  1. Add the MCP URL to a client, without a credential. Claude Code (then /mcp, Authenticate):',
    `       ${commandOf('claude-code', url)}`,
    '     MCP Inspector (needs Node 22.19; then turn the server on):',
    `       ${commandOf('inspector', url)}`,
    `     Other clients: npx switchyard client --url ${url}`,
    '  2. Sign in at the emulated company, and pick sites. There are:',
    ...people.map(({ name, email, sites }) => `       ${name}, ${email}, ${countOf(sites)}`),
    `  3. Link the sites at ${connectUrl}, as the same person at the emulated Atlassian.`,
  ];
}

function commandOf(client: string, url: string): string {
  const parts = findRecipe(client)?.parts({ name: 'switchyard', url }) ?? [];
  return parts.find(({ kind }) => kind === 'shell')?.text ?? '';
}

function curlFor(mcpUrl: string, authorization: string): string {
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
  return `curl -s ${mcpUrl} -H 'Authorization: ${authorization}' -H 'Content-Type: application/json' -d '${body}'`;
}
