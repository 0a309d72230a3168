// The tools that work on a site's contents, under the names of each generation.
import type { Generation } from '../emulator-options.ts';
import { CONFLUENCE_TOOLS } from './confluence.ts';
import { JIRA_TOOLS } from './jira.ts';
import { ROVO_TOOLS } from './rovo.ts';
import type { SiteTool } from './tool-handler.ts';

/** Backed tools by generation and name; every other tool only says what it was asked. */
export const SITE_TOOLS: Readonly<Record<Generation, ReadonlyMap<string, SiteTool>>> = {
  v1: new Map([...JIRA_TOOLS.v1, ...CONFLUENCE_TOOLS.v1, ...ROVO_TOOLS.v1]),
  v2: new Map([...JIRA_TOOLS.v2, ...CONFLUENCE_TOOLS.v2, ...ROVO_TOOLS.v2]),
};
