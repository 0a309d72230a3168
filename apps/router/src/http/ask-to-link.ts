import { randomUUID } from 'node:crypto';

import { isRecord } from '@switchyard/catalogue';
import { memberText } from '@switchyard/json-text';
import { errorText, resultText } from '@switchyard/wire';

import type { CallReply } from '../gateway/call-reply.ts';
import type { Pieces } from './answer-pieces.ts';
import type { McpExchange } from './mcp-exchange.ts';

/** URLElicitationRequiredError of MCP 2025-11-25. */
const URL_ELICITATION_REQUIRED = -32_042;

/**
 * A call of a site that the person has not linked: a client that can open an address for the person is asked to, in the
 * way of its era. Undefined: it cannot, or has answered already, and reads the sentence instead.
 */
export function askToLink(
  { message, client }: McpExchange,
  reply: Extract<CallReply, { kind: 'failed' }>,
): Pieces | undefined {
  const { linkUrl: url, site } = reply;
  const elicitation = client.capabilities?.['elicitation'];
  if (url === undefined || !isRecord(elicitation) || elicitation['url'] === undefined) return undefined;
  const text = `${site.title} must be linked to your account before this can be done.`;
  const { idText, paramsText } = message;
  const ask = { mode: 'url', elicitationId: randomUUID(), url, message: text };
  if (client.era === 'legacy') {
    const fault = { code: URL_ELICITATION_REQUIRED, message: text, data: { elicitations: [ask] } };
    return { pieces: [Buffer.from(errorText(idText, fault))], status: 200 };
  }
  // Asked once: whoever calls again without having linked the site is told in words.
  if (memberText(paramsText, 'inputResponses') !== undefined) return undefined;
  const inputRequests = { link: { method: 'elicitation/create', params: ask } };
  const result = JSON.stringify({ resultType: 'input_required', inputRequests });
  return { pieces: [Buffer.from(resultText(idText, result))], status: 200 };
}
