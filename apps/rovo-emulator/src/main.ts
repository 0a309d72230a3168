// The emulator as a program: `node dist/main.js [--host 127.0.0.1] [--port 7071] [--json]`.
import { parseArgs } from 'node:util';

import { defaultAccounts, defaultSites } from './demo-estate.ts';
import { createEmulator } from './emulator.ts';

const DEFAULT_PORT = '7071';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: DEFAULT_PORT },
    json: { type: 'boolean', default: false },
  },
});

const emulator = createEmulator();
const { url, port } = await emulator.listen({ host: values.host, port: Number(values.port) });
process.stdout.write(
  values.json
    ? `${JSON.stringify({ url, port, sites: defaultSites, accounts: defaultAccounts })}\n`
    : greeting(),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void emulator.close());

function greeting(): string {
  const sites = defaultSites.map((site) => `  ${site.cloudId}  ${site.url}  ${site.name}`);
  const accounts = defaultAccounts.flatMap((account) =>
    account.credentials.map(({ kind, secret }) => `  ${account.email ?? account.name}  ${kind}  ${secret}`),
  );
  const lines = [
    `Rovo MCP emulator at ${url}/v2/mcp and ${url}/v1/mcp; control at ${url}/control/state`,
    'Sites:',
    ...sites,
  ];
  return `${[...lines, 'Accounts (fake secrets):', ...accounts].join('\n')}\n`;
}
