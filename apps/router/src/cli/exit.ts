/** What a command's exit code says (contract, section 1). */
export const EXIT = { ok: 0, failed: 1, usage: 2, config: 3, unreachable: 4, unauthorized: 5 } as const;

/** A command that cannot go on: one sentence for stderr and the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError' as const;
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
