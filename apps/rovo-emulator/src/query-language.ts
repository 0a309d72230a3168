// The common part of JQL and CQL: clauses joined by AND, OR and NOT, and ORDER BY.

/** A parsed condition. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      readonly kind: 'clause';
      readonly field: string;
      readonly operator: Operator;
      readonly values: readonly string[];
    };

/** Comparison operators; `is empty` is `=` without values. */
type Operator = '=' | '!=' | '~' | '!~' | '<' | '<=' | '>' | '>=';

/** One sort key; fields are in lower case. */
export interface SortKey {
  readonly field: string;
  readonly descending: boolean;
}

/** A parsed query, or what is wrong with it. */
export type ParsedQuery =
  | { readonly ok: true; readonly condition: Condition | undefined; readonly order: readonly SortKey[] }
  | { readonly ok: false; readonly problem: string };

/** The values that an item has for a field; undefined for a field that nobody knows. */
export type ReadField<T> = (item: T, field: string) => readonly string[] | undefined;

interface Token {
  readonly text: string;
  readonly isQuoted: boolean;
}

interface Cursor {
  readonly tokens: readonly Token[];
  position: number;
}

class QueryProblem extends Error {}

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|<=|>=|[=~<>(),])|([^\s=~!<>(),"']+))/y;
const OPERATORS: ReadonlySet<string> = new Set(['=', '!=', '~', '!~', '<', '<=', '>', '>=']);
const NO_FIELD = /^(?:and|or|not|in|is|order|by|\W+)$/;
const DEEPEST = 50;

/** Parses a query. */
export function parseQuery(text: string): ParsedQuery {
  try {
    const cursor: Cursor = { tokens: tokenise(text), position: 0 };
    const startsWithOrder = isWord(cursor, 'order');
    const condition = cursor.tokens.length === 0 || startsWithOrder ? undefined : parseOr(cursor, 0);
    const order = takeWord(cursor, 'order') ? parseOrder(cursor) : [];
    const rest = cursor.tokens[cursor.position];
    if (rest !== undefined) throw new QueryProblem(`unexpected '${rest.text}'`);
    return { ok: true, condition, order };
  } catch (error) {
    if (!(error instanceof QueryProblem)) throw error;
    return { ok: false, problem: `Error in the query: ${error.message}.` };
  }
}

/** The first field in the query that `isKnown` does not know. */
export function unknownField(
  { condition, order }: { readonly condition: Condition | undefined; readonly order: readonly SortKey[] },
  isKnown: (field: string) => boolean,
): string | undefined {
  const inCondition = condition === undefined ? [] : fieldsOf(condition);
  return [...inCondition, ...order.map((key) => key.field)].find((field) => !isKnown(field));
}

/** True when the item meets the condition; texts compare without regard to case. */
export function meets<T>(condition: Condition | undefined, item: T, read: ReadField<T>): boolean {
  if (condition === undefined) return true;
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => meets(part, item, read));
    case 'or':
      return condition.parts.some((part) => meets(part, item, read));
    case 'not':
      return !meets(condition.part, item, read);
    case 'clause':
      return clauseHolds(condition.operator, condition.values, read(item, condition.field) ?? []);
  }
}

/** Sorts by the keys in turn; items that tie keep their order. */
export function sortBy<T>(items: readonly T[], order: readonly SortKey[], read: ReadField<T>): T[] {
  return items.toSorted((one, other) => {
    for (const { field, descending } of order) {
      const difference = compareTexts(read(one, field)?.[0] ?? '', read(other, field)?.[0] ?? '');
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
}

function clauseHolds(operator: Operator, values: readonly string[], found: readonly string[]): boolean {
  const lower = found.map((value) => value.toLowerCase());
  const wanted = values.map((value) => value.toLowerCase());
  switch (operator) {
    case '=':
      return wanted.length === 0 ? found.length === 0 : wanted.some((value) => lower.includes(value));
    case '!=':
      return !clauseHolds('=', values, found);
    case '~':
      return wanted.some((value) => containsWords(lower.join('\n'), value));
    case '!~':
      return !clauseHolds('~', values, found);
    case '<':
    case '<=':
    case '>':
    case '>=':
      // The first value is the one to sort and compare by; others are alternative names.
      return lower
        .slice(0, 1)
        .some((value) => wanted.some((other) => ordered(operator, compareTexts(value, dateOf(other)))));
  }
}

function ordered(operator: '<' | '<=' | '>' | '>=', difference: number): boolean {
  if (difference === 0) return operator === '<=' || operator === '>=';
  return difference < 0 === operator.startsWith('<');
}

function containsWords(text: string, wanted: string): boolean {
  return wanted
    .split(/[\s*]+/)
    .every((word) => text.includes(word.replaceAll('\\"', '').replaceAll('"', '')));
}

/** Relative times (`-7d`) become times; everything else stays. */
function dateOf(text: string): string {
  const [, amount, unit = ''] = /^(-?\d+)([mhdw])$/.exec(text) ?? [];
  const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[unit];
  if (amount === undefined || unitMs === undefined) return text;
  return new Date(Date.now() + Number(amount) * unitMs).toISOString().toLowerCase();
}

/** Numbers inside texts compare as numbers, so that ENG-2 comes before ENG-10. */
function compareTexts(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true, sensitivity: 'base' });
}

function fieldsOf(condition: Condition): readonly string[] {
  if (condition.kind === 'clause') return [condition.field];
  return condition.kind === 'not' ? fieldsOf(condition.part) : condition.parts.flatMap(fieldsOf);
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  for (let position = 0; position < trimmed.length; position = TOKEN.lastIndex) {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(trimmed);
    if (match === null) throw new QueryProblem(`cannot read from character ${position + 1}`);
    const quoted = match[1] ?? match[2];
    tokens.push(
      quoted === undefined
        ? { text: match[3] ?? match[4] ?? '', isQuoted: false }
        : { text: quoted.replaceAll(/\\(.)/g, '$1'), isQuoted: true },
    );
  }
  return tokens;
}

function parseOr(cursor: Cursor, depth: number): Condition {
  const parts = [parseAnd(cursor, depth)];
  while (takeWord(cursor, 'or')) parts.push(parseAnd(cursor, depth));
  return joined('or', parts);
}

function parseAnd(cursor: Cursor, depth: number): Condition {
  const parts = [parseNot(cursor, depth)];
  while (takeWord(cursor, 'and')) parts.push(parseNot(cursor, depth));
  return joined('and', parts);
}

function parseNot(cursor: Cursor, depth: number): Condition {
  if (depth > DEEPEST) throw new QueryProblem('nested too deeply');
  if (takeWord(cursor, 'not')) return { kind: 'not', part: parseNot(cursor, depth + 1) };
  if (!takeWord(cursor, '(')) return parseClause(cursor);
  const inner = parseOr(cursor, depth + 1);
  expectWord(cursor, ')');
  return inner;
}

function parseClause(cursor: Cursor): Condition {
  const { text, isQuoted } = take(cursor);
  const field = text.toLowerCase();
  if (!isQuoted && NO_FIELD.test(field)) throw new QueryProblem(`expecting a field but got '${text}'`);
  if (takeWord(cursor, 'is')) {
    const operator = takeWord(cursor, 'not') ? '!=' : '=';
    take(cursor);
    return { kind: 'clause', field, operator, values: [] };
  }
  if (takeWord(cursor, 'in')) return { kind: 'clause', field, operator: '=', values: parseList(cursor) };
  if (takeWord(cursor, 'not')) {
    expectWord(cursor, 'in');
    return { kind: 'clause', field, operator: '!=', values: parseList(cursor) };
  }
  const operator = take(cursor).text;
  if (!isOperator(operator))
    throw new QueryProblem(`expecting an operator after '${field}' but got '${operator}'`);
  const value = parseValue(cursor);
  const isEmpty = /^(empty|null)$/i.test(value) && (operator === '=' || operator === '!=');
  return { kind: 'clause', field, operator, values: isEmpty ? [] : [value] };
}

function parseList(cursor: Cursor): readonly string[] {
  expectWord(cursor, '(');
  const values = [parseValue(cursor)];
  while (takeWord(cursor, ',')) values.push(parseValue(cursor));
  expectWord(cursor, ')');
  return values;
}

/** A value; functions such as currentUser() keep their parentheses. */
function parseValue(cursor: Cursor): string {
  const { text, isQuoted } = take(cursor);
  if (isQuoted || !takeWord(cursor, '(')) return text;
  expectWord(cursor, ')');
  return `${text}()`;
}

function parseOrder(cursor: Cursor): readonly SortKey[] {
  expectWord(cursor, 'by');
  const keys: SortKey[] = [];
  do {
    const field = take(cursor).text.toLowerCase();
    const descending = takeWord(cursor, 'desc');
    if (!descending) takeWord(cursor, 'asc');
    keys.push({ field, descending });
  } while (takeWord(cursor, ','));
  return keys;
}

function joined(kind: 'and' | 'or', parts: readonly Condition[]): Condition {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

function isOperator(text: string): text is Operator {
  return OPERATORS.has(text);
}

function isWord(cursor: Cursor, word: string): boolean {
  const token = cursor.tokens[cursor.position];
  return token !== undefined && !token.isQuoted && token.text.toLowerCase() === word;
}

function takeWord(cursor: Cursor, word: string): boolean {
  if (!isWord(cursor, word)) return false;
  cursor.position += 1;
  return true;
}

function expectWord(cursor: Cursor, word: string): void {
  if (takeWord(cursor, word)) return;
  throw new QueryProblem(
    `expecting '${word}' but got '${cursor.tokens[cursor.position]?.text ?? 'the end'}'`,
  );
}

function take(cursor: Cursor): Token {
  const token = cursor.tokens[cursor.position];
  if (token === undefined) throw new QueryProblem('it ends too early');
  cursor.position += 1;
  return token;
}
