import { CliError, EXIT } from './exit.ts';

/** A start that failed because an address could not be had, as a sentence. */
export function startError(error: unknown): unknown {
  if (!isAddressError(error)) return error;
  const { code, address, hostname, port } = error;
  const place = `${address ?? hostname ?? ''}${port === undefined ? '' : `:${port}`}`;
  if (code === 'EADDRINUSE') {
    return new CliError(
      EXIT.unreachable,
      `${place} is in use by another program; choose another port with --port or --admin-port (0: any free one)`,
    );
  }
  return new CliError(
    EXIT.unreachable,
    `cannot listen on ${place} (${code}); see listen and admin in the configuration, or --host and --admin-host`,
  );
}

interface AddressError extends Error {
  readonly code: string;
  readonly address?: string;
  readonly hostname?: string;
  readonly port?: number;
}

function isAddressError(error: unknown): error is AddressError {
  return (
    error instanceof Error &&
    'code' in error &&
    'syscall' in error &&
    (error.syscall === 'listen' || error.syscall === 'getaddrinfo')
  );
}
