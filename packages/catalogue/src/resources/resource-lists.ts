import { compileGlobs } from '../glob.ts';
import type { Access, ResourceLists } from '../model.ts';
import { remember } from '../remember.ts';
import type { ToolClass } from '../tool-class.ts';
import { type Mention, mentionsOf } from './mentions.ts';
import { namingArguments, type ResourceKind, touches } from './named-resources.ts';
import { CQL, isLimited, JQL, projectOfIssue } from './query-limit.ts';

/** A call as the lists of keys judge it; inside an envelope, the tool that it runs. */
export interface JudgedCall {
  readonly tool: string;
  readonly toolClass: ToolClass;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The lists of all layers for one kind of resource, as one predicate. */
export interface ResourcePolicy {
  /** Whether no arguments at all would let this tool through: then it is not shown either (I2). */
  hides(tool: string, toolClass: ToolClass): boolean;
  /** Why this call may not be made: a sentence for the caller; undefined when it may. */
  refuses(call: JudgedCall): string | undefined;
}

/** Undefined where no layer has a list: most sites. */
export function compileResources(
  kind: ResourceKind,
  lists: readonly ResourceLists[],
): ResourcePolicy | undefined {
  if (lists.length === 0) return undefined;
  const rules = compileLists(lists);
  const judge = createJudge(kind, rules);
  const concerns = (tool: string, toolClass: ToolClass): boolean =>
    rules.restricts(toolClass.access) && touches(kind, tool, toolClass);
  // Only names of the table are kept, so that callers cannot make it grow.
  const witnessed = new Map<string, boolean>();

  function isCallable(tool: string, toolClass: ToolClass): boolean {
    const naming = namingArguments(kind, tool);
    if (naming.length === 0) return !rules.fenced;
    const key = `${tool} ${toolClass.access}`;
    const callable =
      witnessed.get(key) ??
      examples(kind, rules, naming).some((args) => judge({ tool, toolClass, args }) === undefined);
    witnessed.set(key, callable);
    return callable;
  }

  return {
    hides: (tool, toolClass) => concerns(tool, toolClass) && !isCallable(tool, toolClass),
    refuses: (call) => (concerns(call.tool, call.toolClass) ? judge(call) : undefined),
  };
}

interface Rules {
  /** Whether there is anything to decide for such a call. */
  restricts(access: Access): boolean;
  /** Whether an `allow` list is in force: then what is not decided is refused (I12). */
  readonly fenced: boolean;
  permits(key: string, access: Access): 'yes' | 'read-only' | 'no';
  /** Whether somebody listed this very id, so that no key is needed. */
  lists(id: string): boolean;
  /** Keys that are worth trying when asking whether any is permitted. */
  readonly samples: readonly string[];
  /** What to tell a caller who needs a choice. */
  readonly choices: readonly string[];
}

function compileLists(lists: readonly ResourceLists[]): Rules {
  const compiled = lists.map(({ allow, deny = [], readOnly = [] }) => ({
    allows: allow ? compileGlobs(allow, 'i') : () => true,
    denies: compileGlobs(deny, 'i'),
    readsOnly: compileGlobs(readOnly, 'i'),
  }));
  const allowed = [...new Set(lists.flatMap(({ allow }) => allow ?? []))];
  const most = remember((key) => {
    if (compiled.some(({ allows, denies }) => !allows(key) || denies(key))) return 'no';
    return compiled.some(({ readsOnly }) => readsOnly(key)) ? 'read-only' : 'yes';
  });
  const permits: Rules['permits'] = (key, access) => {
    const verdict = most(key);
    return verdict === 'read-only' && access === 'read' ? 'yes' : verdict;
  };
  const fenced = lists.some(({ allow }) => allow !== undefined);
  const halfGuarded = lists.some(({ readOnly = [] }) => readOnly.length > 0);
  const guarded = fenced || lists.some(({ deny = [] }) => deny.length > 0);
  return {
    fenced,
    restricts: (access) => guarded || (access !== 'read' && halfGuarded),
    permits,
    lists: (id) => allowed.includes(id) && permits(id, 'read') !== 'no',
    samples: [...allowed.flatMap(samplesOf), 'ANYPROJECT', '1000000001'],
    choices: allowed.filter((glob) => isGlob(glob) || permits(glob, 'read') !== 'no'),
  };
}

const isGlob = (text: string): boolean => /[*?]/.test(text);

/** Keys that a glob fits, so that a list of globs is known to leave something. */
function samplesOf(glob: string): string[] {
  return ['', 'X'].map((run) => glob.replaceAll('*', run).replaceAll('?', 'X'));
}

/** Arguments worth trying: a tool is callable when it takes one of them. */
function examples(
  kind: ResourceKind,
  { samples }: Rules,
  naming: readonly string[],
): Record<string, unknown>[] {
  return samples.flatMap((key) => naming.map((argument) => exampleOf(kind, argument, key)));
}

/** Arguments that name a key as a caller would write them. */
function exampleOf(kind: ResourceKind, argument: string, key: string): Record<string, unknown> {
  if (argument === 'jql') return { jql: `project = "${key}"` };
  if (argument === 'cql') return { cql: `space = "${key}"` };
  if (argument === 'parent') return { parent: { spaceId: key } };
  const isIssue = kind === 'project' && /issue/i.test(argument);
  return { [argument]: isIssue ? `${key}-1` : key };
}

function createJudge(kind: ResourceKind, rules: Rules): (call: JudgedCall) => string | undefined {
  return ({ tool, toolClass, args }) => {
    const mentions = mentionsOf(kind, tool, args);
    for (const mention of mentions) {
      const refusal = judgeMention(mention, { kind, rules, access: toolClass.access });
      if (refusal !== undefined) return refusal;
    }
    if (!rules.fenced) return undefined;
    const naming = namingArguments(kind, tool);
    if (mentions.some(({ root }) => naming.includes(root))) return undefined;
    return `Invalid arguments: ${tool} must name a ${kind} that is available here (${naming.join(', ')})${among(rules)}`;
  };
}

interface Judging {
  readonly kind: ResourceKind;
  readonly rules: Rules;
  readonly access: Access;
}

function judgeMention({ argument, reading, value }: Mention, judging: Judging): string | undefined {
  const { kind, rules } = judging;
  if (reading === 'query') return judgeQuery(argument, value, judging);
  if (reading === 'elsewhere')
    return rules.fenced ? undecided(argument, `does not say its ${kind}; leave it out`) : undefined;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undecided(argument, `must be the key of a ${kind}`);
  return judgeText({ argument, reading, text: text.trim() }, judging);
}

interface NamedText {
  readonly argument: string;
  readonly reading: 'key' | 'id' | 'issue';
  readonly text: string;
}

function judgeText({ argument, reading, text }: NamedText, judging: Judging): string | undefined {
  const { kind, rules } = judging;
  if (reading === 'issue') {
    const project = projectOfIssue(text);
    if (project === undefined)
      return undecided(argument, `does not say its project; write an issue key such as ENG-1`);
    return judgeKey(project, judging);
  }
  if (!/^~?[\w.:-]{1,255}$/.test(text)) return undecided(argument, `must be the key of a ${kind}`);
  const isId = /^\d+$/.test(text);
  // An id says nothing unless the list has it; where the tool takes a key, that can be asked for.
  if (reading === 'key' && isId && !rules.lists(text))
    return undecided(argument, `is an id; write the key of the ${kind}`);
  if (reading === 'id' && !isId && rules.fenced) return undecided(argument, `must be the id of a ${kind}`);
  return judgeKey(text, judging);
}

function judgeKey(key: string, { kind, rules, access }: Judging): string | undefined {
  const verdict = rules.permits(key, access);
  if (verdict === 'yes') return undefined;
  if (verdict === 'no') return unavailable(kind, key);
  return `${nameOf(kind)} ${key.toUpperCase()} can only be read through this connector`;
}

function judgeQuery(argument: string, value: unknown, { kind, rules, access }: Judging): string | undefined {
  if (typeof value !== 'string') return undecided(argument, 'must be a text');
  const permits = (key: string): boolean =>
    judgeText({ argument, reading: 'key', text: key }, { kind, rules, access }) === undefined;
  if (isLimited(value, kind === 'project' ? JQL : CQL, permits)) return undefined;
  return undecided(
    argument,
    `must be limited to ${kind}s that are available here: begin with ${kind} in (KEY, …) AND${among(rules)}`,
  );
}

function undecided(argument: string, what: string): string {
  return `Invalid arguments: ${argument} ${what}`;
}

/** The same for one that is not there and for one that is not allowed. */
function unavailable(kind: ResourceKind, key: string): string {
  return `${nameOf(kind)} ${key.toUpperCase()} is not available through this connector`;
}

function nameOf(kind: ResourceKind): string {
  return kind === 'project' ? 'Project' : 'Space';
}

function among({ choices }: Rules): string {
  return choices.length === 0 ? '' : `; available: ${choices.slice(0, MOST_CHOICES).join(', ')}`;
}

const MOST_CHOICES = 20;
