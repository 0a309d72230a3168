/** No client's schema reader goes this deep; what reads a definition part by part must not fill the stack. */
export const MAX_NESTING = 64;

const STRING_OR_BRACKET = /"(?:[^"\\]+|\\.)*"|[[\]{}]/gs;

/** Whether a JSON text is nested deeper than `MAX_NESTING`. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  for (const [mark] of json.matchAll(STRING_OR_BRACKET)) {
    if (mark === '{' || mark === '[') depth += 1;
    else if (mark === '}' || mark === ']') depth -= 1;
    if (depth > MAX_NESTING) return true;
  }
  return false;
}
