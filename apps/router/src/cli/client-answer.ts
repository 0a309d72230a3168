import type { Mode } from '@switchyard/catalogue';

import type { ClientRecipe, ClientTarget, RecipePart } from '../clients/client-recipe.ts';
import { CLIENT_RECIPES, findRecipe } from '../clients/client-recipes.ts';
import { clientTarget } from '../clients/client-target.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import type { Environment } from '../config/environment.ts';
import { isLoopback, isViewName } from '../config/value-rules.ts';
import type { ConfigFlags } from './config-options.ts';
import { mcpUrlOf } from './connection-options.ts';
import { columns, createConsoleIo } from './console-io.ts';
import { CliError, EXIT } from './exit.ts';

export type ClientFlags = ConfigFlags & {
  readonly json?: boolean;
  readonly site?: string;
  readonly view?: string;
  readonly mode?: Mode;
};

const SITE_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?$/i;

export function printClients(flags: ClientFlags): void {
  createConsoleIo(flags.json === true).print({ clients: CLIENT_RECIPES.map(row) }, listing);
}

/** Rejects with CliError, ConfigError. */
export async function printRecipe(id: string, flags: ClientFlags, env: Environment): Promise<void> {
  const io = createConsoleIo(flags.json === true);
  const recipe = recipeOf(id);
  const target = await targetOf(flags, env);
  const parts = recipe.parts(target);
  const warnings = warningsOf(recipe, target);
  for (const warning of warnings) io.talk(warning);
  io.print({ client: recipe.id, title: recipe.title, ...target, parts, warnings }, () => [
    `${recipe.title}: ${target.url}`,
    ...parts.flatMap(partLines),
  ]);
}

function row({ id, title, signIn }: ClientRecipe): object {
  return { client: id, title, signIn };
}

function listing(): string[] {
  const rows = CLIENT_RECIPES.map(({ id, title, signIn }) => [id, title, signIn.join(', ')]);
  return columns([['CLIENT', 'NAME', 'SIGN-IN'], ...rows]);
}

function recipeOf(id: string): ClientRecipe {
  const recipe = findRecipe(id);
  if (recipe) return recipe;
  const known = CLIENT_RECIPES.map((each) => each.id);
  throw usage(`There is no recipe for "${id}"${didYouMean(id, known)}; there are ${known.join(', ')}`);
}

async function targetOf(flags: ClientFlags, env: Environment): Promise<ClientTarget> {
  const { site = 'any', view = 'any' } = flags;
  if (!SITE_NAME.test(site)) throw usage('--site: write an alias, a cloudId or a host name');
  if (!isViewName(view)) throw usage('--view: write the name of a view, 1 to 40 of a-z, 0-9 and -');
  const target = clientTarget(await mcpUrlOf(flags, env), flags);
  if (target) return target;
  throw usage(
    'The URL names a site or a view already; give the URL that ends in /mcp, or leave out --site and --view',
  );
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, message);
}

/** What will not work, where the URL shows it. */
function warningsOf({ title, hosted }: ClientRecipe, { url }: ClientTarget): string[] {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return [];
  if (hosted)
    return [
      `${title} calls from its maker's cloud: it needs a public https:// URL (publicUrl); give it with --url`,
    ];
  if (isLoopback(hostname)) return [];
  return ['Tokens would cross the network in the clear: use https:// for anything but this machine'];
}

function partLines({ title, path, text }: RecipePart): string[] {
  const where = path === undefined ? title : `${title} (${path})`;
  return ['', `${where}:`, ...text.split('\n').map((line) => `  ${line}`)];
}
