import { Command, CommanderError } from 'commander';

import { readEnvironment } from '../config/environment.ts';
import { ConfigError } from '../config/problem.ts';
import { VERSION } from '../version.ts';
import { addConfigCommands } from './config-commands.ts';
import { createConsoleIo } from './console-io.ts';
import { addDemo } from './demo.ts';
import { CliError, EXIT } from './exit.ts';
import { addServe } from './serve.ts';
import { addToolCommands } from './tool-commands.ts';

/** Runs one command; sets the exit code instead of throwing. `argv` is without the program's own name. */
export async function main(argv: readonly string[]): Promise<void> {
  const env = readEnvironment();
  const program = new Command('switchyard')
    .description('One MCP connector in front of many Atlassian sites')
    .exitOverride()
    .showHelpAfterError('(switchyard --help lists the commands)');
  addServe(program, env);
  addDemo(program, env);
  addConfigCommands(program, env);
  addToolCommands(program, env);
  program
    .command('version')
    .description('print the version')
    .option('--json', 'machine-readable output')
    .action(({ json }: { json?: boolean }) =>
      createConsoleIo(json === true).print({ version: VERSION, node: process.version }, () => [VERSION]),
    );
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = fail(error, argv.includes('--json'));
  }
}

/** Says what went wrong on stderr (with `--json` as JSON on stdout too) and which exit code that is. */
function fail(error: unknown, asJson: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`switchyard: ${message}\n`);
  const problems = error instanceof ConfigError ? { problems: error.problems } : {};
  if (asJson) process.stdout.write(`${JSON.stringify({ ok: false, error: message, ...problems })}\n`);
  if (error instanceof ConfigError) return EXIT.config;
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}
