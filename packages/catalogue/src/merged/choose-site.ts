import { duplicateIn, editObject } from '@switchyard/json-text';

import { type CallArguments, callArguments } from '../call-arguments.ts';
import type { Site } from '../model.ts';
import type { SiteDirectory } from '../site-directory.ts';
import { OWN_SITE_ARGUMENT, SITE_ARGUMENT } from './merged-tool.ts';
import { mentionedSites } from './named-sites.ts';

/** Where a call goes that has no site in its name. */
export type ChosenSite =
  /** The arguments say it; `args` is what is left of them. */
  | { readonly kind: 'site'; readonly site: Site; readonly args: CallArguments }
  /** They do not. */
  | { readonly kind: 'open'; readonly args: CallArguments }
  | { readonly kind: 'refused'; readonly message: string };

/** What the choice is made from. */
export interface SiteChoice {
  readonly args: CallArguments;
  /** The site that stands beside the arguments, where a call has such a place. */
  readonly beside?: unknown;
  /** Those of the caller. */
  readonly sites: readonly Site[];
  readonly directory: SiteDirectory;
  /** Those that offer the tool, for a refusal. */
  readonly choices: () => readonly Site[];
  /** Whether the called tool has an argument called `site` of its own, at a site or (undefined) anywhere. */
  readonly ownsSite: (site: Site | undefined) => boolean;
}

/**
 * Reads the site out of a call: `site` in any spelling, else a `cloudId`, a resource name or an address
 * of a site among the arguments. All that say one must agree, and a site that is not this caller's is
 * the same as none.
 */
export function chooseSite(choice: SiteChoice): ChosenSite {
  const twice = duplicateIn(choice.args.members);
  if (twice !== undefined) return refused(`the argument "${twice}" is given twice`);
  const explicit = explicitSite(choice);
  if (explicit.kind === 'refused') return explicit;
  const { args } = explicit;
  const mentions = mentionedSites(args, choice);
  if (explicit.kind === 'site') {
    const { site } = explicit;
    const other = mentions.find((mention) => mention.site && mention.site !== site)?.site;
    return other ? refused(`"site" says ${site.name}, other arguments say ${other.name}`) : explicit;
  }
  const stray = mentions.find((mention) => !mention.site);
  if (stray) return noSite(stray, choice);
  const [first, ...others] = new Set(mentions.flatMap(({ site }) => site ?? []));
  if (!first) return { kind: 'open', args };
  if (others.length > 0)
    return refused(
      `the arguments name ${[first, ...others].map(({ name }) => name).join(' and ')}; say which by "site"`,
    );
  return { kind: 'site', site: first, args };
}

function explicitSite(choice: SiteChoice): ChosenSite {
  const { args, beside, ownsSite } = choice;
  const spelled: Spelled[] = [];
  if (beside !== undefined) spelled.push({ argument: SITE_ARGUMENT, value: beside });
  for (const argument of [OWN_SITE_ARGUMENT, SITE_ARGUMENT]) {
    if (!Object.hasOwn(args.value, argument)) continue;
    const value = args.value[argument];
    // What the tool itself calls `site` is the tool's, at the site that is meant.
    const isTools = argument === SITE_ARGUMENT && ownsSite(find(choice, spelled[0]?.value ?? value));
    if (!isTools) spelled.push({ argument, value, inside: true });
  }
  const wrong = spelled.find(({ value }) => !find(choice, value));
  if (wrong) return noSite(wrong, choice);
  const [site, ...others] = new Set(spelled.flatMap(({ value }) => find(choice, value) ?? []));
  if (others.length > 0) return refused('the arguments say two sites');
  const rest = without(
    args,
    spelled.flatMap(({ argument, inside }) => (inside ? [argument] : [])),
  );
  return site ? { kind: 'site', site, args: rest } : { kind: 'open', args: rest };
}

interface Spelled {
  readonly argument: string;
  readonly value: unknown;
  /** One of the arguments themselves, which the site must not get. */
  readonly inside?: true;
}

function find({ sites, directory }: SiteChoice, value: unknown): Site | undefined {
  const found = typeof value === 'string' ? directory.find(value.trim()) : undefined;
  return found && sites.includes(found) ? found : undefined;
}

function without(args: CallArguments, names: readonly string[]): CallArguments {
  if (names.length === 0) return args;
  const value = Object.fromEntries(Object.entries(args.value).filter(([key]) => !names.includes(key)));
  const edits = Object.fromEntries(names.map((name) => [name, undefined]));
  return callArguments(value, editObject(args.text, edits, args.members));
}

function noSite({ argument, value }: Spelled, { choices }: SiteChoice): ChosenSite & { kind: 'refused' } {
  return refused(`${argument} ${quoted(value)} is no site that offers this${among(choices())}`);
}

function refused(what: string): ChosenSite & { kind: 'refused' } {
  return { kind: 'refused', message: `Invalid arguments: ${what}` };
}

const LONGEST_QUOTE = 100;

/** What a caller wrote in the place of a site, for a refusal. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

const MOST_CHOICES = 50;

/** The choices, for a refusal. */
export function among(sites: readonly Site[]): string {
  const names = sites.slice(0, MOST_CHOICES).map(({ name }) => name);
  return names.length === 0 ? '' : `; one of ${names.join(', ')}`;
}
