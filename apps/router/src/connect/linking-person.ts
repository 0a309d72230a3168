import type { LinkingPerson } from '@switchyard/identity';

import type { SignedIn } from './browser-sessions.ts';

/** Who links, as the vault knows people. */
export function linkingPerson({ personId, browser, email }: SignedIn): LinkingPerson {
  return { id: personId, browser, ...(email !== undefined && { email }) };
}
