import type { IncomingMessage } from 'node:http';

import type { ClientCapabilities, Era } from '@switchyard/wire';

import type { Sealer } from './sealer.ts';

/** What is known of the client beyond who it is: its protocol, and what it can do for a site. */
export interface ClientContext {
  readonly era: 'legacy' | 'modern';
  /** Declared abilities that a site may use: elicitation, sampling, roots. Undefined: none. */
  readonly capabilities: ClientCapabilities | undefined;
  /** Modern clients ask for log messages request by request. */
  readonly logLevel: string | undefined;
  /** Whether messages may go before the answer. */
  readonly takesStream: boolean;
}

const SESSION = 'session';

export function clientContext(
  req: Pick<IncomingMessage, 'headers'>,
  era: Era,
  sealer: Sealer,
): ClientContext {
  const takesStream = req.headers.accept?.includes('text/event-stream') ?? false;
  if (era.kind === 'modern') {
    const capabilities = interactive(era.capabilities);
    return { era: 'modern', capabilities, logLevel: era.logLevel, takesStream };
  }
  const token = req.headers['mcp-session-id'];
  const capabilities = typeof token === 'string' ? openSessionId(sealer, token) : undefined;
  return { era: 'legacy', capabilities, logLevel: undefined, takesStream };
}

/** A session id for a client that can be asked something back; others need none (contract, section 3). */
export function mintSessionId(sealer: Sealer, declared: unknown): string | undefined {
  const capabilities = interactive(declared);
  return capabilities && sealer.seal(SESSION, { capabilities });
}

/** What a session id says; undefined for one that was not minted for this caller. */
export function openSessionId(sealer: Sealer, token: string): ClientCapabilities | undefined {
  const session = sealer.open(SESSION, token);
  return isRecord(session) && isRecord(session['capabilities']) ? session['capabilities'] : undefined;
}

/** The known abilities in a fixed form: a client's own spelling must not multiply the sessions upstream. */
function interactive(declared: unknown): ClientCapabilities | undefined {
  if (!isRecord(declared)) return undefined;
  const { elicitation, sampling, roots } = declared;
  const known = {
    ...(isRecord(elicitation) && { elicitation: modesOf(elicitation) }),
    ...(isRecord(sampling) && { sampling: isRecord(sampling['tools']) ? { tools: {} } : {} }),
    ...(isRecord(roots) && { roots: {} }),
  };
  return Object.keys(known).length === 0 ? undefined : known;
}

function modesOf(elicitation: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    ...(isRecord(elicitation['form']) && { form: {} }),
    ...(isRecord(elicitation['url']) && { url: {} }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
