import { duplicateIn, editObject, type Member, members, textOf } from '@switchyard/json-text';

import type { Site } from './model.ts';
import { parseCloudId, type SiteDirectory } from './site-directory.ts';

/** A call's arguments: the parsed value for the rules, the text for the wire. */
export interface CallArguments {
  readonly value: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Where the members of `text` stand. */
  readonly members: readonly Member[];
}

/** Arguments as a client sent them; an absent `arguments` is an empty object. `found`: where their members stand, where that is known. */
export function callArguments(
  value: Readonly<Record<string, unknown>>,
  text: string,
  found: readonly Member[] = members(text) ?? [],
): CallArguments {
  return { value, text, members: found };
}

/** Arguments that may be sent, or a sentence that says why not. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

const ARI = /^ari:cloud:[^:]*:([^:/]*)/i;
const SITE_ARI = /^ari:cloud:[^:]*::site\/([^:/]*)/i;
const SUSPICIOUS = /cloudid|ari:cloud|\\u/i;

/**
 * Takes the site out of the arguments: a `cloudId` in any spelling must mean the site that the name
 * or path says, and so must an Atlassian resource name (ARI) that a whole argument consists of; an
 * API token is not bound to a site, so a contradiction would reach another one.
 */
export function checkSite(args: CallArguments, site: Site, directory: SiteDirectory): Checked<CallArguments> {
  const twice = duplicateIn(args.members);
  if (twice !== undefined) return refuse(`the argument "${twice}" is given twice`);
  if (!SUSPICIOUS.test(args.text)) return { ok: true, value: args };
  const foreign = findForeign(args.value, (text, key) => isForeign(text, key, { site, directory }));
  return foreign === undefined ? { ok: true, value: args } : refuse(foreign);
}

function refuse(what: string): { ok: false; message: string } {
  return { ok: false, message: what };
}

interface Place {
  readonly site: Site;
  readonly directory: SiteDirectory;
}

function isForeign(value: unknown, key: string, { site, directory }: Place): string | undefined {
  if (key.toLowerCase() === 'cloudid') {
    if (typeof value === 'string' && directory.find(value.trim()) === site) return undefined;
    return `cloudId ${JSON.stringify(value)} is not site "${site.name}"; leave cloudId out, or use "${site.cloudId}", ${site.url} or "${site.name}"`;
  }
  if (typeof value !== 'string') return undefined;
  const named = parseCloudId(SITE_ARI.exec(value)?.[1] ?? ARI.exec(value)?.[1] ?? '');
  if (named === undefined || named === site.cloudId) return undefined;
  return `"${key}" names a resource of another site than "${site.name}" (${site.cloudId}); call that site's own tool`;
}

/** Walks every value with the key that holds it; the nesting was bounded when the body was read. */
function findForeign(
  value: unknown,
  check: (value: unknown, key: string) => string | undefined,
  key = '',
): string | undefined {
  const own = check(value, key);
  if (own !== undefined || value === null || typeof value !== 'object') return own;
  for (const [name, inner] of Object.entries(value)) {
    const found = findForeign(inner, check, Array.isArray(value) ? key : name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text to send: `cloudId` filled in where the tool takes one, every spelling of it replaced by the UUID. */
export function fillCloudId(args: CallArguments, site: Site, takesCloudId: boolean): string {
  const edits: Record<string, string | undefined> = {};
  if (takesCloudId) edits['cloudId'] = `"${site.cloudId}"`;
  else if (Object.hasOwn(args.value, 'cloudId')) edits['cloudId'] = undefined;
  const { inputs } = args.value;
  if (isRecord(inputs) && Object.hasOwn(inputs, 'cloudId')) {
    const inputsText = textOf(args.text, args.members, 'inputs') ?? '{}';
    edits['inputs'] = editObject(inputsText, { cloudId: JSON.stringify(site.cloudId) });
  }
  return Object.keys(edits).length === 0 ? args.text : editObject(args.text, edits, args.members);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
