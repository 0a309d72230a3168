import { isRecord } from '@switchyard/catalogue';

import type { ClientContext } from './client-context.ts';

/** Which ability of the client a question needs. */
const NEEDS: Readonly<Record<string, string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};

/** Whether a client has declared what a question needs; `params` says it more exactly where they are given. */
export function canBeAsked(
  { capabilities }: Pick<ClientContext, 'capabilities'>,
  method: string,
  params?: unknown,
): boolean {
  const need = Object.hasOwn(NEEDS, method) ? NEEDS[method] : undefined;
  const declared = need === undefined ? undefined : capabilities?.[need];
  if (declared === undefined) return false;
  return !isRecord(params) || !isRecord(declared) || takes(method, declared, params);
}

function takes(method: string, declared: Record<string, unknown>, params: Record<string, unknown>): boolean {
  if (method === 'sampling/createMessage') return params['tools'] === undefined || 'tools' in declared;
  if (method !== 'elicitation/create') return true;
  // Declared without modes it is the form of the first revisions.
  return params['mode'] === 'url' ? 'url' in declared : 'form' in declared || !('url' in declared);
}
