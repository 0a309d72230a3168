import { CliError, EXIT } from './exit.ts';

/** A start that failed because an address could not be had, as a sentence. */
export function startError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('port' in error)) return error;
  const address = `${'address' in error ? String(error.address) : ''}:${String(error.port)}`;
  if (error.code === 'EADDRINUSE') {
    return new CliError(
      EXIT.unreachable,
      `${address} is in use by another program; choose another port with --port or --admin-port (0: any free one)`,
    );
  }
  return new CliError(EXIT.unreachable, `cannot listen on ${address} (${String(error.code)})`);
}
