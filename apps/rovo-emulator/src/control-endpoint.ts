// Control over HTTP, JSON in and out, below `/control/`.
import type { IncomingMessage, ServerResponse } from 'node:http';

import { parseFault, parseToolChange } from './control-input.ts';
import type { EmulatorControl } from './emulator-control.ts';
import { type HttpReply, jsonReply, sendReply } from './http-reply.ts';
import { InvalidControlError } from './invalid-control-error.ts';
import { readBody } from './request-body.ts';
import { parseJson } from './rpc-message.ts';
import { parseSettings } from './settings.ts';

interface ControlRequest {
  readonly control: EmulatorControl;
  /** Parsed body; throws InvalidControlError when there is none or it is no JSON. */
  readonly input: () => unknown;
  /** The path's last part, where the row asks for one. */
  readonly id: string;
  readonly query: URLSearchParams;
}

type ControlAction = (request: ControlRequest) => unknown;

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

const ACTIONS: Readonly<Record<string, ControlAction>> = {
  'GET state': ({ control }) => ({
    settings: control.settings(),
    faults: control.faults(),
    sessions: control.sessionCount(),
    requests: control.requests().length,
  }),
  'GET faults': ({ control }) => ({ faults: control.faults() }),
  'POST faults': ({ control, input }) => ({ id: control.addFault(parseFault(input())) }),
  'DELETE faults': ({ control }) => {
    control.clearFaults();
    return {};
  },
  'DELETE faults/:id': ({ control, id }) => {
    if (!control.removeFault(id)) throw new InvalidControlError(`no fault "${id}"`);
    return {};
  },
  'GET settings': ({ control }) => control.settings(),
  'PATCH settings': ({ control, input }) => {
    control.updateSettings(parseSettings(input()));
    return control.settings();
  },
  'GET requests': ({ control }) => ({ requests: control.requests() }),
  'DELETE requests': ({ control }) => {
    control.clearRequests();
    return {};
  },
  'POST sessions/expire': ({ control }) => {
    control.expireSessions();
    return {};
  },
  'GET oauth': ({ control }) => ({ grants: control.oauth.grants(), counts: control.oauth.counts() }),
  'DELETE oauth/grants/:id': ({ control, id }) => {
    if (!control.oauth.revokeGrant(id)) throw new InvalidControlError(`no grant "${id}"`);
    return {};
  },
  'POST oauth/tokens/expire': ({ control }) => ({ expired: control.oauth.expireAccessTokens() }),
  'GET tools': ({ control, query }) => ({
    tools: control.listTools(query.get('generation') === 'v1' ? 'v1' : 'v2', query.get('lane') ?? ''),
  }),
  'POST tools': ({ control, input }) => {
    control.changeTools(parseToolChange(input()));
    return {};
  },
};

/** Builds the handler of `/control/*`. */
export function createControlEndpoint(
  control: EmulatorControl,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const body = await readBody(request, BODY_LIMIT_BYTES);
    sendReply(response, perform(request, body, control));
  };
}

function perform(request: IncomingMessage, body: string | undefined, control: EmulatorControl): HttpReply {
  const url = new URL(request.url ?? '/', 'http://control');
  const path = url.pathname.slice('/control/'.length);
  const [, collection = '', id = ''] = /^(faults|oauth\/grants)\/(.+)$/.exec(path) ?? [];
  const name = `${request.method ?? ''} ${id === '' ? path : `${collection}/:id`}`;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    return jsonReply(404, { error: `no such control; known: ${Object.keys(ACTIONS).join(', ')}` });
  }
  try {
    return jsonReply(200, action({ control, id, query: url.searchParams, input: () => inputOf(body) }));
  } catch (error) {
    if (!(error instanceof InvalidControlError)) throw error;
    return jsonReply(400, { error: error.message });
  }
}

function inputOf(body: string | undefined): unknown {
  const value = body === undefined ? undefined : parseJson(body);
  if (value === undefined) throw new InvalidControlError('the body must be JSON of at most 4 MiB');
  return value;
}
