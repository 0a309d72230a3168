import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import type { DemoFlags } from './run-demo.ts';

/** `switchyard demo`: an emulated Atlassian, an emulated company, and Switchyard between them; no credentials, no Redis, no network. */
export function addDemo(program: Command, env: Environment): void {
  program
    .command('demo')
    .description('run Switchyard in front of three emulated Atlassian sites, with sign-in')
    .option('--json', 'machine-readable output')
    .option('--port <port>', 'port of the MCP listener (default: 8080, or any free one)')
    .option('--admin-port <port>', 'port of the admin listener (default: 9090, or any free one)')
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'error')
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('./run-demo.ts');
      await runDemo(flags, env);
    });
}
