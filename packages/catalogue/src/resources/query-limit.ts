/** A key or id in a query that would have to be permitted. */
type Permits = (key: string) => boolean;

/** The fields of a query language that say where a result lies; lower case. */
export interface QueryFields {
  /** Their value is a key or id. */
  readonly keys: readonly string[];
  /** Their value is an issue key, whose beginning is the project's. */
  readonly issues: readonly string[];
}

export const JQL: QueryFields = { keys: ['project'], issues: ['key', 'issuekey'] };
export const CQL: QueryFields = { keys: ['space', 'space.key', 'space.id'], issues: [] };

const LONGEST = 10_000;
const DEEPEST = 20;

/**
 * Whether a JQL or CQL text is provably limited to permitted keys: a clause such as `project in (ENG, OPS)`
 * is joined by AND to everything else, or stands in every branch of an OR. Whatever this cannot read
 * counts as not limited: another reader than the site's own must not be the more generous one (I12).
 */
export function isLimited(query: string, fields: QueryFields, permits: Permits): boolean {
  const tokens = query.length > LONGEST ? undefined : tokenize(query);
  const condition = tokens && withoutOrder(tokens);
  return condition !== undefined && limits(condition, { fields, permits, depth: 0 });
}

interface Token {
  readonly kind: 'word' | 'text' | 'sign';
  /** As written; in lower case where it is a word of the language. */
  readonly text: string;
}

// What is outside double quotes must be plain: single quotes, escapes and other white space are read differently here and there.
const TOKEN =
  /[ \t\r\n]*(?:"(?<text>[^"\\]*)"|(?<sign>&&|\|\||[!=~<>]+|[(),&|])|(?<word>[^\s"'\\()=~!<>,&|]+))/y;

function tokenize(query: string): Token[] | undefined {
  const plain = query.trimEnd();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < plain.length) {
    const groups = TOKEN.exec(plain)?.groups;
    if (!groups) return undefined;
    const { text, sign, word } = groups;
    if (word !== undefined && !/^[\u0021-\u007e]+$/.test(word)) return undefined;
    if (text !== undefined) tokens.push({ kind: 'text', text });
    else tokens.push(sign === undefined ? { kind: 'word', text: word ?? '' } : { kind: 'sign', text: sign });
  }
  return tokens;
}

const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.kind === 'sign' && token.text === sign;
const isWord = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text.toLowerCase() === word;
const isAnd = (token: Token): boolean => isWord(token, 'and') || isSign(token, '&&') || isSign(token, '&');
const isOr = (token: Token): boolean => isWord(token, 'or') || isSign(token, '||') || isSign(token, '|');

/** The condition before `ORDER BY`; undefined when what follows is more than names. */
function withoutOrder(tokens: readonly Token[]): readonly Token[] | undefined {
  const at = tokens.findIndex((token, place) => isWord(token, 'order') && isWord(tokens[place + 1], 'by'));
  if (at < 0) return tokens;
  const isPlain = tokens.slice(at).every((token) => token.kind !== 'sign' || token.text === ',');
  return isPlain ? tokens.slice(0, at) : undefined;
}

interface Reader {
  readonly fields: QueryFields;
  readonly permits: Permits;
  readonly depth: number;
}

/** AND and OR beside each other without brackets are not read: CQL does not say which binds first. */
function limits(tokens: readonly Token[], reader: Reader): boolean {
  if (reader.depth > DEEPEST) return false;
  const branches = split(tokens, isOr);
  const conjuncts = split(tokens, isAnd);
  if (!branches || !conjuncts || (branches.length > 1 && conjuncts.length > 1)) return false;
  if (branches.length > 1) return branches.every((branch) => clauseLimits(branch, reader));
  return conjuncts.some((conjunct) => clauseLimits(conjunct, reader));
}

/** The parts between separators outside of brackets; undefined for brackets that do not match. */
function split(
  tokens: readonly Token[],
  isSeparator: (token: Token) => boolean,
): readonly Token[][] | undefined {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSign(token, '(')) depth += 1;
    if (isSign(token, ')')) depth -= 1;
    if (depth < 0) return undefined;
    if (depth === 0 && isSeparator(token)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return depth === 0 ? parts : undefined;
}

function clauseLimits(tokens: readonly Token[], reader: Reader): boolean {
  if (isSign(tokens[0], '(') && isSign(tokens.at(-1), ')') && closesAtEnd(tokens))
    return limits(tokens.slice(1, -1), { ...reader, depth: reader.depth + 1 });
  const values = valuesOf(tokens, reader.fields);
  return values !== undefined && values.length > 0 && values.every((value) => reader.permits(value));
}

/** Not so for `(a) and (b)`, whose first bracket closes earlier. */
function closesAtEnd(tokens: readonly Token[]): boolean {
  let depth = 0;
  return tokens.every((token, at) => {
    if (isSign(token, '(')) depth += 1;
    if (isSign(token, ')')) depth -= 1;
    return depth > 0 || at === tokens.length - 1;
  });
}

/** The keys of `project = ENG` or `project in (ENG, "OPS")`; undefined for any other clause. */
function valuesOf(
  [field, operator, ...rest]: readonly Token[],
  { keys, issues }: QueryFields,
): string[] | undefined {
  const name = field && field.kind !== 'sign' ? field.text.toLowerCase() : '';
  const texts = operandOf(operator, rest)?.map(({ text }) => text);
  if (keys.includes(name)) return texts;
  return texts && issues.includes(name) ? everyProject(texts) : undefined;
}

function operandOf(operator: Token | undefined, rest: readonly Token[]): readonly Token[] | undefined {
  const single = isSign(operator, '=') && rest.length === 1 ? rest : undefined;
  const tokens = isWord(operator, 'in') ? listOf(rest) : single;
  return tokens?.every(({ kind }) => kind !== 'sign') ? tokens : undefined;
}

function listOf(tokens: readonly Token[]): Token[] | undefined {
  if (!isSign(tokens[0], '(') || !isSign(tokens.at(-1), ')')) return undefined;
  const inside = tokens.slice(1, -1);
  const isList = inside.every((token, at) => (at % 2 === 1) === isSign(token, ','));
  return isList && inside.length % 2 === 1 ? inside.filter((_, at) => at % 2 === 0) : undefined;
}

function everyProject(issues: readonly string[]): string[] | undefined {
  const projects = issues.map(projectOfIssue);
  return projects.every((project) => project !== undefined) ? projects : undefined;
}

/** `ENG` of `ENG-1`; undefined for an id, which does not say its project. */
export function projectOfIssue(issue: string): string | undefined {
  return /^([a-z][a-z0-9_]*)-\d+$/i.exec(issue)?.[1];
}
