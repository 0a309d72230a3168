import type { Explanation } from '@switchyard/catalogue';
import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { explanationLines } from '../gateway/explanation-text.ts';
import { addAdminOptions, adminConnectionOf, adminRequest } from './admin-request.ts';
import type { ConfigFlags } from './config-options.ts';
import { createConsoleIo } from './console-io.ts';
import { EXIT } from './exit.ts';

type Flags = ConfigFlags & { readonly json?: boolean; readonly path?: string };

/** `explain`: why a caller has a tool or has it not; exit 1 when not. */
export function addExplainCommand(program: Command, env: Environment): void {
  const command = program
    .command('explain')
    .description('say why a tool of a site is or is not available to a caller; exit 1 when it is not')
    .option('--json', 'machine-readable output')
    .option('--path <path>', 'path and query of the MCP URL that the caller uses', '/mcp')
    .argument('<caller>', 'e-mail address, or id of a caller')
    .argument('<site>', 'alias, cloudId or host name')
    .argument('<tool>', 'name of the tool');
  addAdminOptions(command).action(async (...given: [string, string, string, Flags]) => {
    const [caller, site, tool, flags] = given;
    const query = new URLSearchParams({ caller, site, tool, path: flags.path ?? '/mcp' });
    const answer = await adminRequest(await adminConnectionOf(flags, env), {
      method: 'GET',
      path: `/explain?${query.toString()}`,
    });
    const explanation = answer as Explanation;
    createConsoleIo(flags.json === true).print(explanation, () => explanationLines(explanation));
    if (explanation.verdict !== 'available') process.exitCode = EXIT.failed;
  });
}
