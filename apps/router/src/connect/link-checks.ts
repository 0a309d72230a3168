import { parseToolList, type Site } from '@switchyard/catalogue';
import type { createLinking } from '@switchyard/identity';
import type { Upstream } from '@switchyard/upstream';

import { verifyCredential } from '../gateway/verify-credential.ts';

type LinkingOptions = Parameters<typeof createLinking>[0];

const CHECK_MS = 10_000;

/** The real calls that show what a credential is worth at one site. */
export function createLinkChecks({
  upstream,
  siteOf,
}: {
  readonly upstream: Upstream;
  readonly siteOf: (cloudId: string) => Site | undefined;
}): Pick<LinkingOptions, 'verify' | 'listTools'> {
  return {
    async verify(credential, { cloudId }) {
      const site = siteOf(cloudId);
      if (!site) return { kind: 'unreachable' };
      const signal = AbortSignal.timeout(CHECK_MS);
      return verifyCredential(credential, { upstream, sites: [site], signal, timeoutMs: CHECK_MS });
    },
    async listTools(credential, { cloudId, endpoint }) {
      const target = { site: siteOf(cloudId)?.name ?? cloudId, endpoint, credential };
      const tools = await upstream.listTools(target, AbortSignal.timeout(CHECK_MS));
      return parseToolList(tools).entries.map(({ name }) => name);
    },
  };
}
