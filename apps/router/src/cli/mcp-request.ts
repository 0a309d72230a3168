import { CliError, EXIT } from './exit.ts';

/** A running Switchyard, as the command line reaches it. */
export interface Connection {
  readonly url: string;
  /** The whole Authorization header. */
  readonly authorization: string | undefined;
}

interface Envelope {
  readonly result?: unknown;
  readonly error?: { readonly message?: string };
}

/** Asks one MCP request. Throws CliError with the exit code that fits: unreachable, not authorised, failed. */
export async function mcpRequest(connection: Connection, method: string, params: unknown): Promise<unknown> {
  const response = await post(connection, { jsonrpc: '2.0', id: 1, method, params });
  const envelope = await readEnvelope(response);
  const message = envelope?.error?.message ?? `HTTP ${response.status}`;
  if (response.status === 401 || response.status === 403) throw new CliError(EXIT.unauthorized, message);
  if (response.status >= 500) throw new CliError(EXIT.unreachable, message);
  if (!envelope || envelope.error) throw new CliError(EXIT.failed, message);
  return envelope.result;
}

async function post({ url, authorization }: Connection, body: unknown): Promise<Response> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  if (authorization !== undefined) headers['authorization'] = authorization;
  try {
    return await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new CliError(EXIT.unreachable, `${url} cannot be reached: ${cause}`);
  }
}

async function readEnvelope(response: Response): Promise<Envelope | undefined> {
  try {
    return (await response.json()) as Envelope;
  } catch {
    return undefined;
  }
}
