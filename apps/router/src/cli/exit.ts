/** What a command's exit code says (contract, section 1). */
export const EXIT = { ok: 0, failed: 1, usage: 2, config: 3, unreachable: 4, unauthorized: 5 } as const;

/** The same in words, for the reference page. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'It worked.',
  failed: 'A check or a tool call failed.',
  usage: 'The command line is wrong: unknown command or flag, missing argument.',
  config: 'The configuration is invalid; nothing was started.',
  unreachable: 'Something cannot be reached, or an address to listen on cannot be had.',
  unauthorized: 'Not authorised: no credential, or not a good one.',
};

/** A command that cannot go on: one sentence for stderr and the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError' as const;
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
