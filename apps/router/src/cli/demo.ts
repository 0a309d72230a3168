import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { parseConfig } from '../config/load-config.ts';
import { demoConfig } from '../demo/demo-config.ts';
import { demoIntroduction } from '../demo/demo-introduction.ts';
import type { Switchyard } from '../switchyard.ts';
import { createConsoleIo } from './console-io.ts';
import { EXIT, CliError } from './exit.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { startError } from './start-error.ts';

interface DemoFlags {
  readonly json?: boolean;
  readonly port?: string;
  readonly adminPort?: string;
  readonly logLevel: string;
}

/** `switchyard demo`: three emulated sites and Switchyard in front of them; no credentials, no Redis, no network. */
export function addDemo(program: Command, env: Environment): void {
  program
    .command('demo')
    .description('run Switchyard in front of three emulated Atlassian sites')
    .option('--json', 'machine-readable output')
    .option('--port <port>', 'port of the MCP listener (default: 8080, or any free one)')
    .option('--admin-port <port>', 'port of the admin listener (default: 9090, or any free one)')
    .option('--log-level <level>', 'debug, info, warn, error or silent', 'warn')
    .action(async (flags: DemoFlags) => {
      // Loaded here, like the server in serve.ts: the other commands need neither.
      const { createEmulator, defaultAccounts } = await import('@switchyard/rovo-emulator');
      const emulator = createEmulator();
      const { url } = await emulator.listen({ host: '127.0.0.1', port: 0 });
      const switchyard = await start(url, flags, env).catch(async (error: unknown) => {
        await emulator.close();
        throw startError(error);
      });
      const introduction = demoIntroduction({ ...switchyard, accounts: defaultAccounts });
      const ended = runUntilSignal(switchyard, () => emulator.close());
      createConsoleIo(flags.json === true).print(introduction.json, () => introduction.lines);
      await ended;
    });
}

/** The usual ports where they are free, else any; a port that was asked for is taken at its word. */
async function start(upstream: string, flags: DemoFlags, env: Environment): Promise<Switchyard> {
  const attempts = [{ port: flags.port ?? '8080', adminPort: flags.adminPort ?? '9090' }];
  if (flags.port === undefined || flags.adminPort === undefined) {
    attempts.push({ port: flags.port ?? '0', adminPort: flags.adminPort ?? '0' });
  }
  let failure: unknown = new CliError(EXIT.failed, 'the demo did not start');
  for (const ports of attempts) {
    try {
      return await startOn(upstream, { ...ports, logLevel: flags.logLevel }, env);
    } catch (error) {
      failure = error;
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  throw failure;
}

async function startOn(
  upstream: string,
  given: { port: string; adminPort: string; logLevel: string },
  env: Environment,
): Promise<Switchyard> {
  const flags = [
    { source: '--port', path: ['listen', 'port'], value: given.port },
    { source: '--admin-port', path: ['admin', 'port'], value: given.adminPort },
    { source: '--log-level', path: ['log', 'level'], value: given.logLevel },
  ];
  const readConfig = () =>
    parseConfig(demoConfig(upstream), { path: 'demo.yaml', env: withoutOverrides(env), flags });
  const config = readConfig();
  const { startSwitchyard } = await import('../switchyard.ts');
  return startSwitchyard({ config, readConfig });
}

/** Settings of a real deployment must not leak into the demo. */
function withoutOverrides(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SWITCHYARD_')));
}
