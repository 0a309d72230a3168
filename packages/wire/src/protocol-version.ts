/** The session-era revisions that Switchyard speaks, newest first. */
export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26'];

export const LATEST_LEGACY_VERSION = '2025-11-25';

/**
 * The version with which `initialize` is answered: the client's own if it is known, else the newest
 * of the session era, never one of the stateless era (a client would mix both).
 */
export function negotiateVersion(requested: unknown): string {
  return typeof requested === 'string' && LEGACY_VERSIONS.includes(requested)
    ? requested
    : LATEST_LEGACY_VERSION;
}
