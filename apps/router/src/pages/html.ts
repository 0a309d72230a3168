import { displayedText } from './displayed-text.ts';

/** A piece of markup that only `html` can make, so that a text from outside is never taken for one. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export type { Html };

/** What a hole in a text takes; lists of pieces stand one after the other, and nothing stands for itself. */
type Content = Html | readonly Html[] | string | number | false | undefined;

/** Attributes without a value. A hole between attributes takes nothing else. */
const FLAGS = ['checked', 'required'] as const;

type Context = 'text' | 'attribute' | 'address' | 'flag';

/** What must stand before an address in the attributes that take one; nothing may stand after it. */
const BEFORE_ADDRESS = new Map([
  ['action', ''],
  ['content', '0;url='],
  ['formaction', ''],
  ['href', ''],
  ['src', ''],
]);
const CODE_ATTRIBUTE = /^(?:on|srcdoc$|style$|http-equiv$)/;
const MAX_ATTRIBUTE = 4096;

const contextsOf = new WeakMap<TemplateStringsArray, readonly Context[]>();

/**
 * Markup from a template. Each hole is escaped for the place where it stands: text (see `displayedText`), a double-quoted
 * attribute, an address (http, https or a path of this origin), or a flag. Errors: TypeError for a hole anywhere else and
 * for an address of another kind.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  let contexts = contextsOf.get(strings);
  if (contexts === undefined) contextsOf.set(strings, (contexts = findContexts(strings)));
  const pieces = contexts.map((context, at) => fill(context, values[at]) + (strings[at + 1] ?? ''));
  return new Html((strings[0] ?? '') + pieces.join(''));
}

function findContexts(strings: readonly string[]): Context[] {
  return strings.slice(1).map((after, at) => contextOf(strings.slice(0, at + 1).join('x'), after));
}

// Templates keep to a small part of HTML: double quotes, lower case, no angle bracket inside a value.
function contextOf(before: string, after: string): Context {
  if (/<(?:script|style|!--)/i.test(before)) throw misplaced();
  const tag = before.slice(before.lastIndexOf('<'));
  if (!tag.startsWith('<') || tag.includes('>')) return 'text';
  const parts = tag.split('"');
  if (parts.length % 2 === 0) return valueContext(parts.at(-2) ?? '', parts.at(-1) ?? '', after);
  if (/\s$/.test(tag)) return 'flag';
  throw misplaced();
}

function valueContext(opening: string, start: string, after: string): Context {
  const name = /\s([a-z-]+)=$/.exec(opening)?.[1];
  if (name === undefined || CODE_ATTRIBUTE.test(name)) throw misplaced();
  const beforeAddress = BEFORE_ADDRESS.get(name);
  if (beforeAddress === undefined) return 'attribute';
  if (start === beforeAddress && after.startsWith('"')) return 'address';
  throw misplaced();
}

function misplaced(): TypeError {
  return new TypeError('A value of a page stands where no escaping makes it safe');
}

function fill(context: Context, value: Content): string {
  if (context === 'text') return textOf(value);
  if (context === 'flag') return flagOf(value);
  if (typeof value !== 'string' && typeof value !== 'number') throw misplaced();
  const text = String(value);
  if (context === 'attribute') return escape(displayedText(text, MAX_ATTRIBUTE));
  if (!isSafeAddress(text)) throw new TypeError('A page must not link to such an address');
  return escape(text);
}

function textOf(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(textOf).join('');
  return escape(displayedText(String(value)));
}

function flagOf(value: unknown): string {
  if (value === undefined || value === false) return '';
  const flag = FLAGS.find((name) => name === value);
  if (flag === undefined) throw misplaced();
  return flag;
}

/** A path of this origin or a place in this page, as browsers read them: no scheme, no `//`, nothing they would remove. */
const LOCAL = /^(?:\/(?![/\\])|#)[\w\-./~%?=&+:@!$*,;#]*$/;

function isSafeAddress(address: string): boolean {
  if (address.length > MAX_ATTRIBUTE) return false;
  if (LOCAL.test(address)) return true;
  return /^https?:\/\/[^\s\p{C}\\]+$/u.test(address) && URL.canParse(address);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
