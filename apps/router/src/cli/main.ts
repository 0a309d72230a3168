import { CommanderError } from 'commander';

import { readEnvironment } from '../config/environment.ts';
import { ConfigError } from '../config/problem.ts';
import { CliError, EXIT } from './exit.ts';
import { createProgram } from './program.ts';

/** Runs one command; sets the exit code instead of throwing. `argv` is without the program's own name. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', ignoreClosedPipe);
  try {
    await createProgram(readEnvironment()).parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = fail(error, argv.includes('--json'));
    exitWhenWritten();
  }
}

/** A start that failed half-way may have left connections open, which would keep the process alive. */
function exitWhenWritten(): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

/** `switchyard tools | head`: who reads has read enough. */
function ignoreClosedPipe(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
}

/** Says what went wrong on stderr (with `--json` as JSON on stdout too) and which exit code that is. */
function fail(error: unknown, asJson: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const message = error instanceof Error ? error.message : String(error);
  // Commander has said it already, with a hint.
  if (!(error instanceof CommanderError)) process.stderr.write(`switchyard: ${message}\n`);
  const problems = error instanceof ConfigError ? { problems: error.problems } : {};
  if (asJson) process.stdout.write(`${JSON.stringify({ ok: false, error: message, ...problems })}\n`);
  return exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return EXIT.usage;
  if (error instanceof ConfigError) return EXIT.config;
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}
