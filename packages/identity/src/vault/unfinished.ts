import type { DurableState } from '../state/durable-state.ts';
import type { LinkName } from './link-record.ts';

/**
 * Grants whose renewal has begun. A process that dies between the answer and its storing leaves one here: whoever finds
 * it asks again at once, while the server still takes the last refresh token.
 */
export interface Unfinished {
  add(name: LinkName): Promise<void>;
  remove(name: LinkName): Promise<void>;
  list(): Promise<LinkName[]>;
}

const SET = 'vault:renewing';
const KEPT_MS = 86_400_000;
const MAX_LISTED = 50;

export function createUnfinished(state: DurableState): Unfinished {
  return {
    add: (name) => state.addMember(SET, memberOf(name), KEPT_MS),
    remove: (name) => state.removeMember(SET, memberOf(name)),
    list: async () => (await state.members(SET)).slice(0, MAX_LISTED).map(nameOf),
  };
}

function memberOf({ person, cloudId }: LinkName): string {
  return JSON.stringify([person, cloudId]);
}

function nameOf(member: string): LinkName {
  const [person = '', cloudId = ''] = JSON.parse(member) as string[];
  return { person, cloudId, kind: 'oauth' };
}
