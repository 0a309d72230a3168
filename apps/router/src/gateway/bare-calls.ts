import { among, chooseSite, type ChosenSite, ownsSite, schemaOf, type Site } from '@switchyard/catalogue';
import { members } from '@switchyard/json-text';

import { type CallReply, invalidCall, unknownTool } from './call-reply.ts';
import type { GuardedLists } from './drift-lists.ts';
import type { CallContext, CallNamed, NamedCall } from './named-call.ts';
import type { Opening } from './runtime.ts';
import type { CallSite, SiteCall } from './site-call.ts';
import { createToolOffers, offering, possible, type ToolOffers } from './tool-offers.ts';

/** Runs calls that have no site in their name: the arguments say it, or there is only one that it can be. */
export function createBareCalls({
  lists,
  callSite,
}: {
  readonly lists: GuardedLists;
  readonly callSite: CallSite;
}): CallNamed {
  const offers = createToolOffers(lists);

  return async function callBare(context, named) {
    const { name } = named;
    const spelled = openingOf(context, named);
    // Whether `site` is the tool's own argument can only be said with the list of the site that it would name.
    if (spelled) await offers.ready(context, spelled);
    const choice = choose(offers, context, named);
    if (choice.kind === 'refused') {
      const sites = offering(await offers.all(context, name));
      return sites.length > 0 ? invalidCall(choice.message, 'site') : unknownTool(name, 'unknown');
    }
    const site = choice.kind === 'site' ? choice.site : await onlySite(context, name);
    return 'kind' in site ? site : callAt(context, { ...named, args: choice.args }, site);
  };

  async function callAt(context: CallContext, named: NamedCall, site: Site): Promise<CallReply> {
    const { name, args } = named;
    const opening = context.openings.find((each) => each.site === site);
    if (!opening) return unknownTool(name, 'unknown');
    const target = { kind: 'site', site, namespace: site.name, rest: name } as const;
    const judge: SiteCall['judge'] = (resolution) =>
      named.judge?.(resolution) ?? lackOf({ offers, context, opening, name }, resolution);
    const place = { runtime: context.runtime, opening, target, args, name };
    const reply = await callSite({ ...named, judge, place });
    if (reply.kind !== 'unknown' || reply.name !== name) return reply;
    const sites = offering(await offers.all(context, name));
    if (sites.length === 0) return reply;
    return invalidCall(`Invalid arguments: ${site.name} does not offer ${name}${among(sites)}`, 'site');
  }

  /** The one site that can run a tool; a site that cannot be asked just now might be meant as well (I12). */
  async function onlySite(context: CallContext, name: string): Promise<Site | CallReply> {
    const all = await offers.all(context, name);
    const [only, ...others] = possible(all);
    if (!only) return unknownTool(name, 'unknown');
    if (others.length === 0) return only;
    const sure = offering(all);
    const choices = sure.length > 0 ? sure : [only, ...others];
    return invalidCall(`Missing argument: site${among(choices)}`, 'site');
  }
}

/** The site that stands in the place of one, whether or not it is meant so. */
function openingOf({ runtime, openings }: CallContext, { args, beside }: NamedCall): Opening | undefined {
  const spelled = beside ?? args.value['switchyard_site'] ?? args.value['site'];
  const site = typeof spelled === 'string' ? runtime.directory.find(spelled.trim()) : undefined;
  return site && openings.find((each) => each.site === site);
}

function choose(
  offers: ToolOffers,
  { runtime, openings }: CallContext,
  { name, args, beside }: NamedCall,
): ChosenSite {
  return chooseSite({
    args,
    beside,
    sites: openings.map(({ site }) => site),
    directory: runtime.directory,
    choices: () => openings.filter((each) => offers.now(each, name)).map(({ site }) => site),
    ownsSite: (at) => openings.some((each) => (!at || each.site === at) && ownsSite(offers.now(each, name))),
  });
}

interface Place {
  readonly offers: ToolOffers;
  readonly context: CallContext;
  readonly opening: Opening;
  readonly name: string;
}

/** What is shown takes every site's calls: what only this site wants besides is told here, not by an odd error of it. */
function lackOf(
  { offers, context, opening, name }: Place,
  { tool, entry, argumentsText }: Parameters<NonNullable<SiteCall['judge']>>[0],
): CallReply | undefined {
  const { openings } = context;
  if (!entry || openings.length === 1) return undefined;
  const given = new Set((members(argumentsText) ?? []).map(({ key }) => key));
  const missing = schemaOf(entry).required.filter((key) => !given.has(key));
  if (missing.length === 0) return undefined;
  const elsewhere = openings.flatMap((each) => (each === opening ? [] : (offers.now(each, name) ?? [])));
  const own = missing.find((key) => elsewhere.some((other) => !schemaOf(other).required.includes(key)));
  if (own === undefined) return undefined;
  return invalidCall(`Invalid arguments: ${tool} on ${opening.site.name} needs "${own}"`);
}
