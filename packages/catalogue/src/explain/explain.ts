import { callArguments } from '../call-arguments.ts';
import type { Mode } from '../mode.ts';
import type { Caller, Site } from '../model.ts';
import type { LayerSource, Narrowing } from '../narrowing.ts';
import { ownTool } from '../own-tools.ts';
import { compileLayers, siteLayer, type SitePolicy } from '../policy.ts';
import { successorOf } from '../renames/renames.ts';
import { accessDenial } from '../site-access.ts';
import { carriedBy, classify, envelopeNames } from '../tool-class.ts';
import type { ToolIndex } from '../tool-index.ts';
import { encodeToolName, splitToolName } from '../tool-name.ts';
import type { View } from '../view.ts';
import { type GateCode, type GateCodeRow, gateCodeRow, type GateName, type Who } from './gate-codes.ts';

/** One step, and what it says of the tool. */
interface Gate {
  readonly gate: GateName;
  readonly verdict: GateCodeRow['verdict'];
  readonly code: GateCode;
  readonly sentence: string;
  /** Who can change it, and where. */
  readonly who: Who;
  readonly where: string;
}

/** Why a tool is or is not available to a caller. */
export interface Explanation {
  readonly site: string;
  readonly tool: string;
  readonly verdict: 'available' | 'unavailable';
  readonly gates: readonly Gate[];
}

/** What only the running process knows. */
export interface ExplainFacts {
  /** What opens the site; undefined: nothing does. */
  readonly credential: 'api-token' | 'oauth' | 'service-account' | undefined;
  /** What the site lists: one index for each credential; a sentence where that is not known. */
  readonly list: { readonly indexes: readonly ToolIndex[]; readonly underScoped: boolean } | string;
  /** The list that this client fetched last, and how long ago; undefined when it is not known. */
  readonly fetched: { readonly current: boolean; readonly ago: string } | undefined;
}

/** What is asked. */
export interface ExplainQuestion {
  readonly caller: Caller;
  /** False for a caller of whom no more is known than a name. */
  readonly seen: boolean;
  readonly view: View;
  readonly site: Site;
  /** As the site calls it. */
  readonly tool: string;
  readonly facts: ExplainFacts;
}

/** What stands where a site is not there for this caller: the same whether it exists or not (I1). */
export function explainNoSite(asked: { readonly site: string; readonly tool: string }): Explanation {
  return {
    ...asked,
    verdict: 'unavailable',
    gates: [gate('site', 'site_unknown', asked)],
  };
}

/**
 * Walks through every step. The tool is available when, and only when, list and call agree that it is:
 * the last step, what the client remembers, is told and does not count (I2).
 */
export function explain(question: ExplainQuestion): Explanation {
  const { site, tool, facts } = question;
  const gates = [
    gate('site', 'site_known', about(question)),
    accessGate(question),
    credentialGate(question),
    listedGate(question),
    ...ruleGates(question),
    nameGate(question),
    confirmGate(question),
  ];
  const isAvailable = gates.every(({ verdict }) => verdict === 'pass');
  return {
    site: site.name,
    tool,
    verdict: isAvailable ? 'available' : 'unavailable',
    gates: [...gates, clientGate(question, facts.fetched)],
  };
}

interface Said {
  readonly site: string;
  readonly tool: string;
  readonly detail?: string;
  readonly source?: LayerSource | undefined;
}

function gate(name: GateName, code: GateCode, { site, tool, detail = '', source }: Said): Gate {
  const { verdict, who, where, sentence } = gateCodeRow(code);
  const filled = { site, tool, detail, layer: source?.where ?? '' };
  return {
    gate: name,
    verdict,
    code,
    sentence: sentence
      .replaceAll(/<(site|tool|detail|layer)>/g, (_, key: keyof typeof filled) => filled[key])
      .trim(),
    who: source ? WHO_OF[source.kind] : who,
    where: source?.where ?? where,
  };
}

const WHO_OF: Readonly<Record<LayerSource['kind'], Who>> = {
  site: 'administrator',
  rule: 'administrator',
  view: 'administrator',
  url: 'whoever set up this client',
  picks: 'you',
};

/** What a gate says beside site and tool. */
function about({ site, tool }: ExplainQuestion, more: Pick<Said, 'detail' | 'source'> = {}): Said {
  return { site: site.title, tool, ...more };
}

function accessGate(question: ExplainQuestion): Gate {
  if (!question.seen) return gate('access', 'caller_not_seen', about(question));
  const denial = accessDenial(question.caller, question.site);
  return denial ? gate('access', denial, about(question)) : gate('access', 'may_use', about(question));
}

const NO_ARGUMENTS = callArguments({}, '{}');

function credentialGate(question: ExplainQuestion): Gate {
  const { seen, facts } = question;
  if (!seen) return gate('credential', 'caller_not_seen', about(question));
  if (facts.credential) return gate('credential', 'connected', about(question));
  const detail = typeof facts.list === 'string' ? facts.list : '';
  return gate('credential', 'not_connected', about(question, { detail }));
}

function listedGate(question: ExplainQuestion): Gate {
  const { facts, tool } = question;
  if (typeof facts.list === 'string')
    return gate('listed', 'list_unknown', about(question, { detail: facts.list }));
  const { indexes, underScoped } = facts.list;
  if (indexes.some((index) => index.withheld?.has(tool))) return gate('listed', 'withheld', about(question));
  if (indexes.some((index) => index.find(tool))) return gate('listed', 'listed', about(question));
  const successor = indexes.flatMap((index) => successorOf(index, tool, NO_ARGUMENTS)?.tool ?? [])[0];
  if (successor !== undefined) return gate('listed', 'renamed', about(question, { detail: successor }));
  const envelope = envelopeNames().find(
    (name) => indexes.some((index) => index.find(name)) && carriedBy(name).some(([inner]) => inner === tool),
  );
  if (envelope !== undefined) return gate('listed', 'inside_envelope', about(question, { detail: envelope }));
  return gate('listed', missingCode(question, underScoped), about(question));
}

function missingCode({ tool, facts: { credential } }: ExplainQuestion, underScoped: boolean): GateCode {
  const { known, product, verb } = classify(tool);
  if (!known) return 'no_such_tool';
  if (underScoped) return 'under_scoped';
  if (product === 'compass' && credential !== 'oauth') return 'oauth_only';
  if (product === 'jira-service-management' && credential === 'oauth') return 'token_only';
  return verb === 'delete' || verb === 'manage' ? 'permission_group' : 'not_offered';
}

/** Each group of layers by itself; where only all of them together leave nothing, the last of them says so. */
function ruleGates(question: ExplainQuestion): Gate[] {
  const { caller, view, site, tool } = question;
  const { rules, view: ofView, picks } = view.layersFor(caller, site);
  const groups: readonly (readonly [GateName, readonly Narrowing[]])[] = [
    ['site_rules', [siteLayer(site)]],
    ['rules', rules],
    ['view', ofView],
    ['picks', picks],
  ];
  let before: readonly Narrowing[] = [];
  return groups.map(([name, layers]) => {
    const could = compileLayers(before).shows(tool);
    before = [...before, ...layers];
    const closed = layers.find((layer) => !compileLayers([layer]).shows(tool));
    if (closed) return closedGate(name, question, closed);
    const combined = could && !compileLayers(before).shows(tool);
    return combined ? gate(name, 'combined', about(question)) : gate(name, 'permitted', about(question));
  });
}

function closedGate(name: GateName, question: ExplainQuestion, layer: Narrowing): Gate {
  const toolClass = classify(question.tool);
  const code = layer.block ? 'blocked' : denialOf(compileLayers([layer]), question.tool);
  const detail = code === 'access' ? toolClass.access : toolClass.product;
  return gate(name, code, about(question, { detail, ...(layer.source && { source: layer.source }) }));
}

function denialOf(policy: SitePolicy, tool: string): GateCode {
  return policy.denies(tool, classify(tool)) ?? 'access';
}

/** Switchyard's own tools go before those of a site that bear the same name on this URL. */
function nameGate(question: ExplainQuestion): Gate {
  const { view, site, tool, facts } = question;
  const name = view.single || view.mode !== 'namespaced' ? tool : encodeToolName(site.name, tool);
  const indexes = typeof facts.list === 'string' ? [] : facts.list.indexes;
  const isOwn = view.mode !== 'lean' && ownTool(view, name) !== undefined;
  const isTaken = isOwn || indexes.some((index) => isShadowed(index, site, tool));
  if (isTaken) return gate('name', 'name_taken', about(question, { detail: name }));
  return gate('name', 'called_as', about(question, { detail: HOW_CALLED[view.mode](name, site) }));
}

/** Of two tools whose names are cut to the same one, the first is meant. */
function isShadowed(index: ToolIndex, site: Site, tool: string): boolean {
  const rest = splitToolName(encodeToolName(site.name, tool))?.rest ?? tool;
  const meant = index.findAdvertised(site.name, rest);
  return index.find(tool) !== undefined && meant !== undefined && meant.name !== tool;
}

const HOW_CALLED: Readonly<Record<Mode, (name: string, site: Site) => string>> = {
  namespaced: (name) => name,
  merged: (name, site) => `${name}, with "site": "${site.name}"`,
  lean: (name, site) => `${name}, through callReadTool or callWriteTool with "site": "${site.name}"`,
};

function confirmGate(question: ExplainQuestion): Gate {
  const { caller, view, site, tool } = question;
  const asks = view.policyFor(caller, site).confirms(classify(tool).access);
  return gate('confirm', asks ? 'asked_first' : 'not_asked', about(question));
}

function clientGate(question: ExplainQuestion, fetched: ExplainFacts['fetched']): Gate {
  if (!fetched) return gate('client', 'client_unknown', about(question));
  const detail = fetched.ago;
  if (fetched.current) return gate('client', 'client_current', about(question, { detail }));
  return gate('client', 'client_outdated', about(question, { detail }));
}
