import type { interactionPolicy as policies } from 'oidc-provider';

import { interactionPolicy } from './oidc-library.ts';

/**
 * Consent is asked every time. A remembered one would let whoever shares a client's id (a document's id is public) send
 * a signed-in person through without a click: the authorization server in the middle (GHSA-6x8h-498w-gv8c).
 */
export function createInteractionPolicy(): policies.Prompt[] {
  const policy = interactionPolicy.base();
  const { Check } = interactionPolicy;
  policy
    .get('consent')
    ?.checks.add(
      new Check('every_time', 'consent is asked every time', 'consent_required', ({ oidc }) =>
        oidc.result?.consent ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT,
      ),
    );
  return policy;
}
