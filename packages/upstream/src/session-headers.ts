import { validateHeaderValue } from 'node:http';

import type { Credential } from '@switchyard/catalogue';

import { UpstreamError } from './upstream-error.ts';

/** Headers as they stand on the wire. A value with a line end cannot come in: each was checked or is our own. */
export function linesOf(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/** Lines back to names and values, one after the other, as undici takes them. */
export function pairsOf(lines: string): string[] {
  return lines
    .split('\r\n')
    .filter((line) => line !== '')
    .flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]);
}

/** What a request says of the session that it belongs to, where there is one. */
interface SessionFacts {
  readonly sessionId?: string | undefined;
  readonly protocolVersion?: string | undefined;
}

/** Lines of a credential that may be renewed while the session lives: made anew when it was, and only then. */
export function createHeaderLines(
  credential: Credential,
  host: string,
  { sessionId, protocolVersion }: SessionFacts,
): () => string {
  const rest = linesOf({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(protocolVersion !== undefined && { 'mcp-protocol-version': protocolVersion }),
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
  });
  let made: { readonly of: Credential['authorization']; readonly lines: string } | undefined;
  return () => {
    const { authorization } = credential;
    if (made?.of !== authorization) {
      const value = headerValue(authorization.reveal(), host);
      made = { of: authorization, lines: linesOf({ authorization: value }) + rest };
    }
    return made.lines;
  };
}

/** Header classes quote a value that they refuse; a credential must not come into an error that way (I5). */
export function headerValue(authorization: string, host: string): string {
  try {
    validateHeaderValue('authorization', authorization);
    return authorization;
  } catch {
    throw new UpstreamError('unauthorized', `the credential for ${host} cannot be sent as a header`, {
      mayHaveExecuted: false,
    });
  }
}
