import { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { VERSION } from '../version.ts';
import { addAuditCommands } from './audit-commands.ts';
import { addClientCommand } from './client-command.ts';
import { addConfigCommands } from './config-commands.ts';
import { createConsoleIo } from './console-io.ts';
import { addDemo } from './demo.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addExplainCommand } from './explain-command.ts';
import { addServe } from './serve.ts';
import { addTokenCommands } from './token-commands.ts';
import { addToolCommands } from './tool-commands.ts';

/** Every command with its flags. Parsing throws CommanderError, CliError and ConfigError instead of ending the process. */
export function createProgram(env: Environment): Command {
  const program = new Command('switchyard')
    .description('One MCP connector in front of many Atlassian sites')
    .version(VERSION, '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(switchyard --help lists the commands)');
  addServe(program, env);
  addDemo(program, env);
  addConfigCommands(program, env);
  addToolCommands(program, env);
  addExplainCommand(program, env);
  addDoctorCommand(program, env);
  addClientCommand(program, env);
  addTokenCommands(program, env);
  addAuditCommands(program, env);
  program
    .command('version')
    .description('print the version')
    .option('--json', 'machine-readable output')
    .action(({ json }: { json?: boolean }) =>
      createConsoleIo(json === true).print({ version: VERSION, node: process.version }, () => [VERSION]),
    );
  return program;
}
