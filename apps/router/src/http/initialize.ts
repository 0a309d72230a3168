import { negotiateVersion } from '@switchyard/wire';

import { VERSION } from '../version.ts';

const INSTRUCTIONS =
  'Tools of several Atlassian sites. Each tool name begins with the name of its site and two underscores; the same tool exists once per site, so choose the site first. switchyard_sites lists the sites, their state, and what to do about one that has trouble.';

/** The answer to `initialize`, made from memory: no site is asked. */
export function initializeResult(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    protocolVersion: negotiateVersion(params['protocolVersion']),
    capabilities: { tools: {} },
    serverInfo: { name: 'switchyard', title: 'Switchyard', version: VERSION },
    instructions: INSTRUCTIONS,
  };
}
