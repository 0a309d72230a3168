import { editObject, memberText } from '@switchyard/json-text';
import type { Telemetry } from '@switchyard/telemetry';
import type { SessionRef } from '@switchyard/upstream';
import { errorText, METHOD_NOT_FOUND } from '@switchyard/wire';

import type { Asking } from '../gateway/asking.ts';
import type { Ask } from '../gateway/conversation.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { MAX_QUESTIONS } from '../gateway/questions.ts';
import type { Opening } from '../gateway/runtime.ts';
import { type ProgressTokens, sortSiteMessages } from '../gateway/site-messages.ts';
import type { Pieces } from './answer-pieces.ts';
import { createAsking } from './ask-client.ts';
import { createEventStream, type EventStream } from './event-stream.ts';
import type { McpExchange } from './mcp-exchange.ts';
import { sendPieces } from './respond.ts';

/** What is said between a site and a client while one request is under way. */
export interface SiteDialogue {
  /** `params` with a progress token of ours where the client gave one. */
  readonly paramsText: string;
  readonly onMessage: (message: Buffer, session: SessionRef, opening: Opening) => void;
  readonly asking: () => Asking;
  /** Ends with the answer: as JSON, or as the last event where events went before. */
  finish(answer: Pieces): void;
}

/** A request of a site as a legacy client sees it: sealed, so that any replica can bring the answer back. */
export const SITE_REQUEST = 'site-request';

export interface SealedRequest {
  readonly site: string;
  readonly session: SessionRef;
  readonly idText: string;
}

export function createSiteDialogue(
  exchange: McpExchange,
  {
    gateway,
    telemetry,
    ask,
    logs,
  }: {
    readonly gateway: Gateway;
    readonly telemetry: Telemetry;
    /** Where questions of the site go for a modern client; a legacy one is asked on the stream. */
    readonly ask?: (ask: Ask) => void;
    readonly logs: boolean;
  },
): SiteDialogue {
  const { res, message, client, sealer } = exchange;
  const stream = createEventStream(res);
  const progress = progressTokens(gateway, message.paramsText);
  let asked = 0;

  function onMessage(raw: Buffer, session: SessionRef, opening: Opening): void {
    sortSiteMessages(
      client,
      { progress, logs: logs || client.logLevel !== undefined },
      {
        notify: (text) => client.takesStream && stream.send(text),
        ask(request) {
          asked += 1;
          if (ask && asked <= MAX_QUESTIONS) return ask({ kind: 'site', request, opening });
          // A modern client is never asked on a stream.
          const isPut = client.era === 'legacy' && client.takesStream && asked <= MAX_QUESTIONS;
          if (!isPut) return decline(opening, session, request.idText);
          const sealed: SealedRequest = { site: opening.site.name, session, idText: request.idText };
          stream.send(editObject(request.text, { id: JSON.stringify(sealer.seal(SITE_REQUEST, sealed)) }));
        },
        decline({ idText }) {
          asked += 1;
          decline(opening, session, idText);
        },
      },
    )(raw, session);
  }

  /** The site must not wait for an answer that nobody can give; one that asks without end gets none at last. */
  function decline(opening: Opening, session: SessionRef, idText: string): void {
    if (asked > 2 * MAX_QUESTIONS) return;
    const refusal = errorText(idText, { code: METHOD_NOT_FOUND, message: 'The client cannot be asked that' });
    gateway.relay.respond(opening, session, refusal).catch((error: unknown) => {
      telemetry.log.warn({ site: opening.site.name, error }, 'a question of a site could not be declined');
    });
  }

  return {
    paramsText: withToken(message.paramsText, progress),
    onMessage,
    asking: () =>
      createAsking(exchange, { gateway, stream, ask, takes: (count) => (asked += count) <= MAX_QUESTIONS }),
    finish: (answer) => finish(exchange, stream, answer),
  };
}

/** Only a single-site URL advertises logging, so only there a legacy client can have asked for it. */
export function logsOf({ admitted, client }: McpExchange): boolean {
  return client.era === 'legacy' && admitted.view.single !== undefined;
}

function finish({ res }: McpExchange, stream: EventStream, { pieces, status, lease }: Pieces): void {
  // It was passed on while it came, whole or not.
  if (res.isOver) return;
  if (stream.isOpen()) stream.end(pieces);
  else if (sendPieces(res, pieces, status)) lease?.giveBack();
}

function progressTokens(gateway: Gateway, paramsText: string): ProgressTokens | undefined {
  if (!paramsText.includes('progressToken')) return undefined;
  const theirs = memberText(memberText(paramsText, '_meta') ?? '', 'progressToken');
  return theirs === undefined ? undefined : { theirs, ours: gateway.progressTokens.next() };
}

function withToken(paramsText: string, progress: ProgressTokens | undefined): string {
  if (!progress) return paramsText;
  const meta = editObject(memberText(paramsText, '_meta') ?? '{}', { progressToken: progress.ours });
  return editObject(paramsText, { _meta: meta });
}
