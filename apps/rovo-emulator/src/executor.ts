import type { CatalogueTool } from './tool-catalogue.ts';

/** The execute* tool that runs an operation: managing projects counts as destructive, whatever its verb. */
export function executorOf(tool: CatalogueTool): string {
  if (tool.access === 'delete' || tool.permissionGroups.includes('manage_jira')) return 'executeDestructive';
  return tool.access === 'read' ? 'executeRead' : 'executeWrite';
}
