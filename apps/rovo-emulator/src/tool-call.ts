// One `tools/call`: which tool is meant, whether the caller may have it, and what it answers.
import { checkArguments } from './argument-check.ts';
import type { EmulatorSettings } from './emulator-options.ts';
import type { ErrorTextId } from './error-texts.ts';
import { executorOf } from './executor.ts';
import { isObject, type JsonObject, objectOf, textOf } from './json-value.ts';
import type { SiteDirectory } from './site-directory.ts';
import type { CatalogueTool } from './tool-catalogue.ts';
import type { ToolLists, ToolView, ViewRequest } from './tool-lists.ts';
import { failed, knownError, succeeded, type ToolOutcome } from './tool-result.ts';
import { META_TOOLS } from './tools/meta.ts';
import { PLATFORM_TOOLS } from './tools/platform.ts';
import { SITE_TOOLS } from './tools/site-tools.ts';

/** What a call is aimed at, seen through execute*. */
export interface CallTarget {
  /** The tool named in the request. */
  readonly name: string;
  /** The tool that runs. */
  readonly tool: string;
  readonly args: JsonObject;
  /** UUID, when the call names an emulated site. */
  readonly cloudId: string | undefined;
}

/** A call as it reaches the tools. */
interface ToolCall {
  readonly target: CallTarget;
  readonly request: ViewRequest;
}

/** The outcome of a call, or undefined for a tool that the caller does not see. */
export type CallTool = (call: ToolCall) => ToolOutcome | undefined;

/** What tools need of the emulator. */
export interface ToolCallParts {
  readonly lists: ToolLists;
  readonly sites: SiteDirectory;
  readonly settings: Readonly<EmulatorSettings>;
}

const EXECUTE_TOOLS: ReadonlySet<string> = new Set([
  'execute',
  'executeRead',
  'executeWrite',
  'executeDestructive',
]);
/** All that a classic token can still call. */
const CLASSIC_TOOLS: ReadonlySet<string> = new Set(PLATFORM_TOOLS.keys());

/** Looks inside execute*, so that filters and faults see the tool that really runs. */
export function aimCall(params: unknown, sites: SiteDirectory): CallTarget {
  const { name: rawName, arguments: rawArguments } = objectOf(params);
  const name = textOf(rawName) ?? '';
  const given = objectOf(rawArguments);
  const isExecute = EXECUTE_TOOLS.has(name);
  const inputs = objectOf(given['inputs']);
  const cloudIdText = textOf(given['cloudId']) ?? (isExecute ? textOf(inputs['cloudId']) : undefined);
  const args = isExecute && cloudIdText !== undefined ? { ...inputs, cloudId: cloudIdText } : inputs;
  return {
    name,
    tool: isExecute ? (textOf(given['name']) ?? name) : name,
    args: isExecute ? args : given,
    cloudId: cloudIdText === undefined ? undefined : sites.cloudIdOf(cloudIdText),
  };
}

/** Builds the function that answers calls. */
export function createToolCaller(parts: ToolCallParts): CallTool {
  return (call) => {
    const refusal = refusalOf(call, parts.settings);
    if (refusal !== undefined) return knownError(refusal);
    const view = parts.lists.view(call.request);
    const tool = findTool(call.target, view);
    if (tool === 'absent') return undefined;
    if ('kind' in tool) return tool;
    return runTool(tool, call, parts);
  };
}

/** Refusals that concern the credential, whatever is called. */
function refusalOf(
  { target, request }: ToolCall,
  settings: Readonly<EmulatorSettings>,
): ErrorTextId | undefined {
  const { standing, credential } = request.caller;
  if (settings.ipRefused) return 'E2';
  if (standing === 'useless') return 'E4';
  if (standing === 'expired') return settings.expiredOauth === 'E6' ? 'E6' : 'E4';
  if (!settings.apiTokenAuth && credential?.kind !== 'oauth') return 'E1';
  if (standing === 'classic' && !CLASSIC_TOOLS.has(target.tool)) return 'E5';
  return undefined;
}

function findTool(target: CallTarget, view: ToolView): CatalogueTool | ToolOutcome | 'absent' {
  if (!EXECUTE_TOOLS.has(target.name)) {
    const listed = view.listed.get(target.name);
    if (listed !== undefined) return listed;
    return view.outOfScope.has(target.name) ? knownError('E5') : 'absent';
  }
  const executor = view.listed.get(target.name);
  if (executor === undefined) return 'absent';
  if (target.tool === target.name)
    return failed('MCP error -32602: Input validation error: name is required');
  if (view.outOfScope.has(target.tool)) return knownError('E5');
  const inner = view.deferred.get(target.tool) ?? view.listed.get(target.tool);
  if (inner === undefined || inner.product === 'meta') return failed(`Operation not found: ${target.tool}`);
  const wanted = executorOf(inner);
  if (target.name === 'execute' || target.name === wanted) return inner;
  return failed(`Operation ${inner.name} cannot be run with ${target.name}; use ${wanted}.`);
}

function runTool(tool: CatalogueTool, call: ToolCall, parts: ToolCallParts): ToolOutcome {
  if (tool.rawResult !== undefined) return { kind: 'raw', text: tool.rawResult };
  const checked = checkArguments(tool, call.target.args);
  if (!checked.ok) return failed(checked.text);
  const { settings, sites } = parts;
  const { caller } = call.request;
  const { generation } = tool;
  const platformTool = PLATFORM_TOOLS.get(tool.name);
  if (platformTool !== undefined) {
    return platformTool({ generation, caller, settings, sites: sites.reachableBy(caller) });
  }
  const metaTool = META_TOOLS.get(tool.name);
  if (metaTool !== undefined) return metaTool(checked.args, parts.lists.view(call.request));
  return runSiteTool(tool, { call, args: checked.args, parts });
}

interface SiteRun {
  readonly call: ToolCall;
  readonly args: JsonObject;
  readonly parts: ToolCallParts;
}

function runSiteTool(tool: CatalogueTool, { call, args, parts }: SiteRun): ToolOutcome {
  const { caller } = call.request;
  const { cloudId } = call.target;
  const siteTool = SITE_TOOLS[tool.generation].get(tool.name);
  const takesSite = siteTool !== undefined || namesCloudId(tool);
  if (takesSite && args['cloudId'] === undefined) {
    return failed(`cloudId is required: call ${tool.name} with the cloudId of a site.`);
  }
  if (!takesSite) return echo(tool, args, undefined);
  if (cloudId === undefined || !parts.sites.reaches(caller, cloudId)) return knownError('E11');
  const store = parts.sites.store(cloudId);
  if (siteTool === undefined || store === undefined || caller.account === undefined)
    return echo(tool, args, cloudId);
  const { generation } = tool;
  return siteTool({ generation, store, args, account: caller.account, settings: parts.settings });
}

/** Tools without an emulation of their own say what they were asked. */
function echo(tool: CatalogueTool, args: JsonObject, cloudId: string | undefined): ToolOutcome {
  const where = cloudId === undefined ? {} : { cloudId };
  return succeeded({ emulated: true, tool: tool.name, ...where, arguments: args });
}

function namesCloudId(tool: CatalogueTool): boolean {
  const properties = tool.inputSchema['properties'];
  return isObject(properties) && Object.hasOwn(properties, 'cloudId');
}
