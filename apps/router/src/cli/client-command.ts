import { MODES } from '@switchyard/catalogue/mode';
import { type Command, Option } from 'commander';

import type { Environment } from '../config/environment.ts';
import type { ClientFlags } from './client-answer.ts';
import { addUrlOption } from './connection-options.ts';

/** `switchyard client`: what to paste into which client, for the real URL. Asks nobody and prints no secret. */
export function addClientCommand(program: Command, env: Environment): void {
  const command = program
    .command('client')
    .description('say how a client is connected; without an argument, list the clients')
    .option('--json', 'machine-readable output')
    .addOption(new Option('--site <site>', 'one site only: alias, cloudId or host name').conflicts('view'))
    .option('--view <view>', 'a view of the configuration')
    .addOption(new Option('--mode <mode>', 'how the tools are presented').choices(MODES))
    .argument('[client]', 'the client');
  addUrlOption(command).action(async (id: string | undefined, flags: ClientFlags) => {
    const { printClients, printRecipe } = await import('./client-answer.ts');
    if (id === undefined) return printClients(flags);
    await printRecipe(id, flags, env);
  });
}
