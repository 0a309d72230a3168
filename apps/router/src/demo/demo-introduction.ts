import type { EmulatedAccount } from '@switchyard/rovo-emulator';

/** What the demo says when it is up: for people as lines, for programs as JSON. */
export function demoIntroduction(running: {
  readonly publicUrl: string;
  readonly adminUrl: string;
  readonly accounts: readonly EmulatedAccount[];
}): { json: unknown; lines: string[] } {
  const mcpUrl = `${running.publicUrl}/mcp`;
  const credentials = running.accounts.flatMap((account) => credentialOf(account));
  const authorization = credentials[0]?.authorization ?? '';
  const curl = curlFor(mcpUrl, authorization);
  const clientConfig = {
    mcpServers: { switchyard: { type: 'http', url: mcpUrl, headers: { Authorization: authorization } } },
  };
  const urls = { site: `${mcpUrl}/sites/eng`, view: `${mcpUrl}/views/triage` };
  return {
    json: { mcpUrl, adminUrl: running.adminUrl, authorization, credentials, urls, curl, clientConfig },
    lines: [
      'Switchyard demo: three emulated Atlassian sites behind one connector. Nothing leaves this machine.',
      '',
      `  MCP URL     ${mcpUrl}`,
      `  one site    ${urls.site}`,
      `  a view      ${urls.view}`,
      `  admin       ${running.adminUrl}  (/metrics, /readyz, /admin/v1/sites)`,
      '',
      'Credentials (made up; they open the emulator only):',
      ...credentials.map(({ who, authorization: header }) => `  ${who.padEnd(44)} Authorization: ${header}`),
      '',
      'List all tools:',
      `  ${curl}`,
      '',
      'Claude Code:',
      `  claude mcp add --transport http switchyard ${mcpUrl} --header "Authorization: ${authorization}"`,
      '',
      'Other clients:',
      `  ${JSON.stringify(clientConfig)}`,
      '',
      'Ctrl-C ends it.',
    ],
  };
}

interface DemoCredential {
  readonly who: string;
  readonly authorization: string;
}

const WHO: Readonly<Partial<Record<EmulatedAccount['credentials'][number]['kind'], string>>> = {
  'api-token': 'API token',
  'service-key': 'service account',
};

/** The credentials that work; the emulator has broken ones too. */
function credentialOf({ email, name, credentials, sites }: EmulatedAccount): DemoCredential[] {
  return credentials.flatMap(({ kind, secret }) => {
    const what = WHO[kind];
    if (what === undefined || sites.some((site) => site.startsWith('44444444'))) return [];
    const who = `${email ?? name}, ${what}, ${sites.length} site${sites.length === 1 ? '' : 's'}`;
    if (kind === 'service-key') return [{ who, authorization: `Bearer ${secret}` }];
    return [{ who, authorization: `Basic ${Buffer.from(`${email ?? ''}:${secret}`).toString('base64')}` }];
  });
}

function curlFor(mcpUrl: string, authorization: string): string {
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
  return `curl -s ${mcpUrl} -H 'Authorization: ${authorization}' -H 'Content-Type: application/json' -d '${body}'`;
}
