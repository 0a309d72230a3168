import { defaultAccounts, defaultPeople } from '@switchyard/rovo-emulator';

import type { Environment } from '../config/environment.ts';
import { parseConfig } from '../config/load-config.ts';
import { demoConfig, type DemoSurroundings } from '../demo/demo-config.ts';
import { startDemoEstate } from '../demo/demo-estate.ts';
import { demoIntroduction } from '../demo/demo-introduction.ts';
import { countModes } from '../demo/demo-modes.ts';
import { demoCredentials, demoPeople } from '../demo/demo-people.ts';
import { startSwitchyard, type Switchyard } from '../switchyard.ts';
import { createConsoleIo } from './console-io.ts';
import { EXIT, CliError } from './exit.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { startError } from './start-error.ts';

export interface DemoFlags {
  readonly json?: boolean;
  readonly port?: string;
  readonly adminPort?: string;
  readonly logLevel: string;
}

/** Starts the demo, says what can be done with it, and runs until a signal ends it. */
export async function runDemo(flags: DemoFlags, env: Environment): Promise<void> {
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
}

async function introduce({ publicUrl, adminUrl }: Switchyard): Promise<ReturnType<typeof demoIntroduction>> {
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
  return startSwitchyard({ config, readConfig });
}

/** Settings of a real deployment must not leak into the demo. */
function withoutOverrides(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SWITCHYARD_')));
}
