import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { addConfigOption, addOverridingOptions, type ConfigFlags, configReader } from './config-options.ts';
import { createConsoleIo } from './console-io.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { startError } from './start-error.ts';

/** `switchyard serve`: the real thing. */
export function addServe(program: Command, env: Environment): void {
  const command = program
    .command('serve')
    .description('run the gateway')
    .option('--json', 'machine-readable output');
  addOverridingOptions(addConfigOption(command)).action(async (flags: ConfigFlags & { json?: boolean }) => {
    const io = createConsoleIo(flags.json === true);
    const readConfig = await configReader(flags, env);
    const config = readConfig();
    const { startSwitchyard } = await import('../switchyard.ts');
    const switchyard = await startSwitchyard({ config, readConfig, warm: true }).catch((error: unknown) => {
      throw startError(error);
    });
    const { publicUrl, adminUrl } = switchyard;
    const ended = runUntilSignal(switchyard);
    io.print({ mcpUrl: `${publicUrl}/mcp`, adminUrl }, () => [
      `MCP    ${publicUrl}/mcp`,
      `admin  ${adminUrl}`,
    ]);
    await ended;
  });
}
