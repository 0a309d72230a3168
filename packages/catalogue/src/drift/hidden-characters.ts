/**
 * Characters that people do not see and models read: zero-width, bidi and tag characters, variation selectors
 * (Unicode's default ignorables), separators that no editor draws, interlinear notes, controls, halves of pairs.
 */
const HIDDEN = String.raw`[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}\u{FFF9}-\u{FFFB}]|(?![\t\n])\p{Cc}`;

const inText = new RegExp(HIDDEN, 'u');
const allInText = new RegExp(HIDDEN, 'gu');
/** Between the values of a JSON text a carriage return is space. */
const allInJson = new RegExp(String.raw`(?!\r)(?:${HIDDEN})`, 'gu');
const suspect = new RegExp(String.raw`(?!\r)(?:${HIDDEN})|\\[ubfr]`, 'u');
const ESCAPES = /((?:\\u[0-9a-f]{4})+)|\\([^u])/gi;
const UNIT_LENGTH = String.raw`\u0000`.length;

/** A plain text as people see it. */
export function visibleText(text: string): string {
  return inText.test(text) ? text.replaceAll(allInText, '') : text;
}

/** The text of a JSON value without hidden characters in any of its strings, escaped or not. Other bytes stay. */
export function visibleJson(json: string): string {
  if (!suspect.test(json)) return json;
  return json
    .replaceAll(ESCAPES, (whole: string, units: string | undefined, short: string | undefined) => {
      if (units !== undefined) return keepVisible(units);
      return /[bfr]/.test(short ?? '') ? '' : whole;
    })
    .replaceAll(allInJson, '');
}

/** A run of `\uXXXX`: read together, since two of them may be one character. */
function keepVisible(units: string): string {
  let kept = '';
  let at = 0;
  for (const character of JSON.parse(`"${units}"`) as string) {
    const end = at + character.length * UNIT_LENGTH;
    if (!inText.test(character)) kept += units.slice(at, end);
    at = end;
  }
  return kept;
}

/** A JSON text in which every hidden character is written as its escape, for people who must judge it. */
export function escapedJson(json: string): string {
  return json.replaceAll(allInJson, (character) =>
    Array.from({ length: character.length }, (_, at) => escapeUnit(character.charCodeAt(at))).join(''),
  );
}

function escapeUnit(unit: number): string {
  return String.raw`\u${unit.toString(16).padStart(4, '0')}`;
}

/** Keywords of JSON Schema whose texts travel in calls. */
const SENT = new Set(['enum', 'const', 'required']);

/**
 * Where a definition hides characters: nowhere, in what is only read, or in what is sent (its name, names of
 * arguments, choices), where leaving them out would make another tool of it. The text must not be too deep (nesting.ts).
 */
export function hiddenIn(definition: string): 'nowhere' | 'display' | 'sent' {
  if (visibleJson(definition) === definition) return 'nowhere';
  const value: unknown = JSON.parse(definition);
  const name = isObject(value) ? value['name'] : undefined;
  const isNamed = typeof name === 'string' && inText.test(name);
  return isNamed || hidesInSent(value, false) ? 'sent' : 'display';
}

function hidesInSent(value: unknown, isSent: boolean): boolean {
  if (typeof value === 'string') return isSent && inText.test(value);
  if (!isObject(value)) return false;
  return Object.entries(value).some(
    ([key, each]) => inText.test(key) || hidesInSent(each, isSent || SENT.has(key)),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object';
}
