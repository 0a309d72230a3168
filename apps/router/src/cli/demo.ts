import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { parseConfig } from '../config/load-config.ts';
import { demoConfig, type DemoSurroundings } from '../demo/demo-config.ts';
import { demoIntroduction } from '../demo/demo-introduction.ts';
import { countModes } from '../demo/demo-modes.ts';
import { demoCredentials, demoPeople } from '../demo/demo-people.ts';
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
      // Loaded here, like the server in serve.ts: the other commands need neither.
      const { startDemoEstate } = await import('../demo/demo-estate.ts');
      const estate = await startDemoEstate();
      const switchyard = await start(estate, flags, env).catch(async (error: unknown) => {
        await estate.close();
        throw startError(error);
      });
      estate.admit(switchyard.publicUrl);
      const ended = runUntilSignal(switchyard, () => estate.close());
      const { json, lines } = await introduce(switchyard);
      createConsoleIo(flags.json === true).print(json, () => lines);
      await ended;
    });
}

async function introduce({ publicUrl, adminUrl }: Switchyard): Promise<ReturnType<typeof demoIntroduction>> {
  const { defaultAccounts, defaultPeople } = await import('@switchyard/rovo-emulator');
  const credentials = demoCredentials(defaultAccounts);
  const modes = await countModes(`${publicUrl}/mcp`, credentials[0]?.authorization ?? '');
  const people = demoPeople(defaultPeople, defaultAccounts);
  return demoIntroduction({ publicUrl, adminUrl, credentials, people, modes });
}

/** The usual ports where they are free, else any; a port that was asked for is taken at its word. */
async function start(
  surroundings: DemoSurroundings,
  flags: DemoFlags,
  env: Environment,
): Promise<Switchyard> {
  const attempts = [{ port: flags.port ?? '8080', adminPort: flags.adminPort ?? '9090' }];
  if (flags.port === undefined || flags.adminPort === undefined) {
    attempts.push({ port: flags.port ?? '0', adminPort: flags.adminPort ?? '0' });
  }
  let failure: unknown = new CliError(EXIT.failed, 'the demo did not start');
  for (const ports of attempts) {
    try {
      return await startOn(surroundings, { ...ports, logLevel: flags.logLevel }, env);
    } catch (error) {
      failure = error;
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
  throw failure;
}

async function startOn(
  surroundings: DemoSurroundings,
  given: { port: string; adminPort: string; logLevel: string },
  env: Environment,
): Promise<Switchyard> {
  const flags = [
    { source: '--port', path: ['listen', 'port'], value: given.port },
    { source: '--admin-port', path: ['admin', 'port'], value: given.adminPort },
    { source: '--log-level', path: ['log', 'level'], value: given.logLevel },
  ];
  const readConfig = () =>
    parseConfig(demoConfig(surroundings), { path: 'demo.yaml', env: withoutOverrides(env), flags });
  const config = readConfig();
  const { startSwitchyard } = await import('../switchyard.ts');
  return startSwitchyard({ config, readConfig });
}

/** Settings of a real deployment must not leak into the demo. */
function withoutOverrides(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SWITCHYARD_')));
}
