/** How the tools of several sites are presented (contract, section 4). */
export const MODES = ['namespaced', 'merged', 'lean'] as const;

export type Mode = (typeof MODES)[number];
