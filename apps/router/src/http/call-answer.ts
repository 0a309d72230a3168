import type { Telemetry } from '@switchyard/telemetry';
import { COMPLETE, errorText, INVALID_PARAMS, type MessageFault, resultText } from '@switchyard/wire';

import type { CallReply } from '../gateway/call-reply.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { legacyAnswer, modernAnswer, type Pieces } from './answer-pieces.ts';
import { askToLink } from './ask-to-link.ts';
import type { McpExchange } from './mcp-exchange.ts';

/** A call's reply as the client's era writes it. */
export function callAnswer(
  exchange: McpExchange,
  reply: CallReply,
  gateway: Gateway,
): Pieces | Promise<Pieces> {
  const { admitted, message, client } = exchange;
  const { idText } = message;
  switch (reply.kind) {
    case 'answer':
      return client.era === 'modern'
        ? modernAnswer(reply.answer, idText)
        : legacyAnswer(reply.answer, idText);
    case 'failed':
      return askToLink(exchange, reply) ?? ownResult(idText, client.era, reply.result);
    case 'own':
      return ownResult(idText, client.era, reply.result);
    case 'sites': {
      const { view, openings, runtime } = admitted;
      const { deadlineMs } = runtime.config.discovery;
      const listed = gateway.answers.sites({ view, openings, deadlineMs });
      return listed.then((result) => ownResult(idText, client.era, result));
    }
    case 'mismatch':
      return ownError(idText, reply.fault, 400);
    case 'unknown':
    case 'invalid':
      return ownError(idText, { code: INVALID_PARAMS, message: reply.message }, 200);
  }
}

function ownResult(idText: string, era: 'legacy' | 'modern', result: string): Pieces {
  const stamped = era === 'modern' ? `{${COMPLETE},${result.slice(1)}` : result;
  return { pieces: [Buffer.from(resultText(idText, stamped))], status: 200 };
}

function ownError(idText: string, fault: MessageFault, status: number): Pieces {
  return { pieces: [Buffer.from(errorText(idText, fault))], status };
}

/** Counts a call; returns how it failed, for the metric of the operation. */
export function reportCall(telemetry: Telemetry, reply: CallReply): string | undefined {
  switch (reply.kind) {
    case 'sites':
      return undefined;
    case 'own':
      for (const call of reply.calls ?? []) reportCall(telemetry, call);
      return undefined;
    case 'mismatch':
      return 'invalid';
    case 'unknown':
    case 'invalid':
      telemetry.emit({ type: 'policy-denial', reason: reply.reason });
      return reply.kind === 'unknown' ? 'denied' : 'invalid';
    case 'answer':
    case 'failed':
      return countCall(telemetry, reply);
  }
}

function countCall(
  telemetry: Telemetry,
  { site, outcome, toolClass }: Extract<CallReply, { kind: 'answer' | 'failed' }>,
): string | undefined {
  const { product, access } = toolClass ?? { product: 'other', access: 'write' as const };
  telemetry.emit({ type: 'tool-call', site: site.name, product, access, outcome });
  return outcome === 'ok' ? undefined : outcome;
}
