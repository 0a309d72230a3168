import { type ClientRecipe, type RecipePart, TOKEN_VARIABLE } from './client-recipe.ts';
import { cursorLink, jsonFile, shellWord, vsCodeLink } from './encodings.ts';

const WITH_TOKEN = `With a token of ${TOKEN_VARIABLE} instead`;

/**
 * Programs on people's own machines, and what scripts use. A token is never written into a snippet: each file names it in the
 * way in which that client reads its environment, or asks for it.
 */
export const LOCAL_RECIPES: readonly ClientRecipe[] = [
  {
    id: 'claude-code',
    title: 'Claude Code',
    hosted: false,
    signIn: ['browser', 'token'],
    parts: ({ name, url }) => [
      shell('Add it', `claude mcp add --transport http ${name} ${shellWord(url)}`),
      steps('Sign in', 'In Claude Code, enter /mcp, choose the connector and "Authenticate".'),
      file(
        WITH_TOKEN,
        '.mcp.json',
        jsonFile({ mcpServers: { [name]: { type: 'http', url, headers: bearer(`\${${TOKEN_VARIABLE}}`) } } }),
      ),
    ],
  },
  {
    id: 'vscode',
    title: 'Visual Studio Code (Copilot)',
    hosted: false,
    signIn: ['browser', 'token'],
    parts: (target) => [
      link('Add it; VS Code then opens the browser to sign in', vsCodeLink(target)),
      shell('The same from a shell', `code --add-mcp ${shellWord(vsCodeServer(target))}`),
      file(
        'With a token that VS Code asks for, and keeps, instead',
        '.vscode/mcp.json',
        jsonFile({
          inputs: [
            { type: 'promptString', id: 'switchyard-token', description: 'Switchyard token', password: true },
          ],
          servers: {
            [target.name]: { type: 'http', url: target.url, headers: bearer('${input:switchyard-token}') },
          },
        }),
      ),
    ],
  },
  {
    id: 'cursor',
    title: 'Cursor',
    hosted: false,
    signIn: ['browser', 'token'],
    parts: ({ name, url }) => [
      link('Add it; Cursor then opens the browser to sign in', cursorLink({ name, url })),
      file(
        WITH_TOKEN,
        '.cursor/mcp.json',
        jsonFile({ mcpServers: { [name]: { url, headers: bearer(`\${env:${TOKEN_VARIABLE}}`) } } }),
      ),
    ],
  },
  {
    id: 'codex',
    title: 'Codex',
    hosted: false,
    signIn: ['browser', 'token'],
    parts: ({ name, url }) => [
      shell('Add it and sign in', `codex mcp add ${name} --url ${shellWord(url)}`, `codex mcp login ${name}`),
      file(
        WITH_TOKEN,
        '~/.codex/config.toml',
        // A JSON text is a basic string of TOML, too.
        `[mcp_servers.${name}]\nurl = ${JSON.stringify(url)}\nbearer_token_env_var = "${TOKEN_VARIABLE}"`,
      ),
    ],
  },
  {
    id: 'gemini',
    title: 'Gemini CLI',
    hosted: false,
    signIn: ['browser', 'token'],
    parts: ({ name, url }) => [
      shell('Add it', `gemini mcp add --transport http ${name} ${shellWord(url)}`),
      steps('Sign in', `In Gemini CLI, enter /mcp auth ${name}`),
      file(
        WITH_TOKEN,
        '.gemini/settings.json',
        jsonFile({ mcpServers: { [name]: { httpUrl: url, headers: bearer(`$${TOKEN_VARIABLE}`) } } }),
      ),
    ],
  },
  {
    id: 'inspector',
    title: 'MCP Inspector',
    hosted: false,
    signIn: ['browser'],
    parts: ({ url }) => [
      shell(
        'Start it; needs Node 22.19 or later',
        `npx -y @modelcontextprotocol/inspector --transport http --server-url ${shellWord(url)}`,
      ),
      steps('Sign in', 'Turn the server on in the page that opens; it brings you to the sign-in.'),
    ],
  },
  {
    id: 'mcp-remote',
    title: 'mcp-remote (for clients that speak stdio only)',
    hosted: false,
    signIn: ['browser', 'token'],
    parts: ({ name, url }) => [
      file(
        "In the client's own file; mcp-remote opens the browser to sign in",
        'claude_desktop_config.json',
        jsonFile({ mcpServers: { [name]: mcpRemote([url]) } }),
      ),
      file(
        'With a token instead',
        'claude_desktop_config.json',
        jsonFile({
          mcpServers: {
            [name]: {
              ...mcpRemote([url, '--header', 'Authorization:${AUTHORIZATION}']),
              env: { AUTHORIZATION: 'Bearer <token>' },
            },
          },
        }),
      ),
    ],
  },
  {
    id: 'curl',
    title: 'curl',
    hosted: false,
    signIn: ['token'],
    parts: ({ url }) => [
      // An argument would show the token to every process of the machine; a builtin and a pipe do not.
      shell(
        `List the tools, with a token of ${TOKEN_VARIABLE}`,
        String.raw`printf 'header = "Authorization: Bearer %s"\n' "$${TOKEN_VARIABLE}" |`,
        `  ${listTools(url, '--config -')}`,
      ),
      shell(
        'With an Atlassian API token, where those are turned on; curl asks for it',
        listTools(url, "--user '<email>'"),
      ),
    ],
  },
];

function listTools(url: string, credential: string): string {
  return [
    `curl -sS ${credential} ${shellWord(url)}`,
    "-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'",
    `-d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`,
  ].join(' \\\n    ');
}

function vsCodeServer({ name, url }: { readonly name: string; readonly url: string }): string {
  return JSON.stringify({ name, type: 'http', url });
}

function mcpRemote(args: readonly string[]): object {
  return { command: 'npx', args: ['-y', 'mcp-remote@0.15', ...args] };
}

function bearer(reference: string): { Authorization: string } {
  return { Authorization: `Bearer ${reference}` };
}

function shell(title: string, ...lines: string[]): RecipePart {
  return { kind: 'shell', title, text: lines.join('\n') };
}

function steps(title: string, ...lines: string[]): RecipePart {
  return { kind: 'steps', title, text: lines.join('\n') };
}

function file(title: string, path: string, text: string): RecipePart {
  return { kind: 'file', title, path, text };
}

function link(title: string, text: string): RecipePart {
  return { kind: 'link', title, text };
}
