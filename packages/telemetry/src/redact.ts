import { Secret } from '@switchyard/catalogue';

const redacted = '[redacted]';
const maxDepth = 8;
const maxEntries = 100;
const maxTextLength = 4096;
const maxCauses = 5;

// Compared in lower case and without `-` and `_`.
const secretKeys: ReadonlySet<string> = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'apitoken',
  'apikey',
  'secret',
  'clientsecret',
  'password',
  'serviceaccountkey',
]);

// Credentials inside text: what a library may put into the message of an error. Each needs only one pass over the text.
const secretTexts: readonly { readonly pattern: RegExp; readonly replacement: string }[] = [
  { pattern: /\b(basic|bearer) +[\w.~+/=:-]+/gi, replacement: `$1 ${redacted}` },
  { pattern: /\bA[A-Z]{1,4}TT3[\w=.-]+/g, replacement: redacted },
  { pattern: /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, replacement: redacted },
  { pattern: /:\/\/[^\s/?#@]{1,512}@/g, replacement: `://${redacted}@` },
  {
    pattern:
      /\b(authorization|cookie|(?:access_|refresh_|id_|api_?)?token|(?:client_?)?secret|password|api_?key)("?\s*[=:]\s*"?)(?!\[redacted\]|basic |bearer )[^\s"'&,;]+/gi,
    replacement: `$1$2${redacted}`,
  },
];

/** Cuts a text to a bounded length and takes out what looks like a credential. */
export function redactText(text: string): string {
  let clean = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
  for (const { pattern, replacement } of secretTexts) clean = clean.replace(pattern, replacement);
  return clean;
}

/**
 * A plain copy of log fields without credentials (I5): of a Secret, of a key that names one, at any depth. The copy is
 * bounded in depth and breadth; a circle ends as `[circular]`. Never throws.
 */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return copyEntries(Object.entries(fields), []);
  } catch {
    // A getter or a toJSON of somebody else's object threw; a log line is not worth an exception.
    return { unreadable: true };
  }
}

function copyEntries(
  entries: readonly [string, unknown][],
  parents: readonly object[],
): Record<string, unknown> {
  const kept = entries
    .slice(0, maxEntries)
    .map(([key, value]) => [
      redactText(key),
      isSecretKey(key) && value !== undefined ? redacted : copyValue(value, parents),
    ]);
  const copy = Object.fromEntries(kept) as Record<string, unknown>;
  if (entries.length > maxEntries) copy['…'] = entries.length - maxEntries;
  return copy;
}

function isSecretKey(key: string): boolean {
  return secretKeys.has(key.toLowerCase().replaceAll(/[-_]/g, ''));
}

function copyValue(value: unknown, parents: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret) return redacted;
  if (parents.includes(value)) return '[circular]';
  if (parents.length >= maxDepth) return '[deep]';
  return copyObject(value, [...parents, value]);
}

function copyObject(value: object, parents: readonly object[]): unknown {
  if (value instanceof Error) return copyError(value, parents);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value) || value instanceof Set) return copyItems([...value], parents);
  if (value instanceof Map) {
    return copyEntries(
      [...value].map(([key, item]) => [String(key), item] as [string, unknown]),
      parents,
    );
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') return copyValue(value.toJSON(), parents);
  return copyEntries(Object.entries(value), parents);
}

function copyItems(items: readonly unknown[], parents: readonly object[]): unknown[] {
  const copy = items.slice(0, maxEntries).map((item) => copyValue(item, parents));
  return items.length > maxEntries ? [...copy, `… ${items.length - maxEntries} more`] : copy;
}

// No stack and no further properties: HTTP clients hang whole requests, headers and all, on their errors.
function copyError(error: Error, parents: readonly object[]): Record<string, unknown> {
  const code: unknown = 'code' in error ? error.code : undefined;
  const causes = parents.filter((parent) => parent instanceof Error).length;
  return {
    name: redactText(error.name),
    message: redactText(error.message),
    ...((typeof code === 'string' || typeof code === 'number') && { code: copyValue(code, parents) }),
    ...(error.cause !== undefined && causes <= maxCauses && { cause: copyValue(error.cause, parents) }),
    ...(error instanceof AggregateError && { errors: copyItems(error.errors, parents) }),
  };
}
