import { CliError } from '../../src/cli/exit.ts';
import { createProgram } from '../../src/cli/program.ts';
import { ConfigError } from '../../src/config/problem.ts';

/** How a command ends that cannot go on, without starting a process for it. */
export async function refused(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly message: string }> {
  try {
    await createProgram(env).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CliError) return { code: error.exitCode, message: error.message };
    if (error instanceof ConfigError) return { code: 3, message: error.message };
    throw error;
  }
  throw new Error(`not refused: ${args.join(' ')}`);
}
