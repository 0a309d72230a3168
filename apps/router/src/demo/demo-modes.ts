import { type Mode, MODES } from '@switchyard/catalogue';

import { mcpRequest } from '../cli/mcp-request.ts';

/** How many tools the demo's sites have in one mode. */
export interface DemoMode {
  readonly mode: Mode;
  readonly url: string;
  readonly tools: number;
}

/** Asks the running demo; a figure that is written down would be wrong one day. Throws CliError. */
export async function countModes(mcpUrl: string, authorization: string): Promise<DemoMode[]> {
  return Promise.all(
    MODES.map(async (mode) => {
      const url = mode === 'namespaced' ? mcpUrl : `${mcpUrl}?mode=${mode}`;
      const { tools } = (await mcpRequest({ url, authorization }, 'tools/list', {})) as { tools: unknown[] };
      return { mode, url, tools: tools.length };
    }),
  );
}
