// Spoils messages in the ways that hostile or broken peers do, the same way for the same seed.

/** A source of numbers below a bound; equal seeds give equal sources. */
export type Random = (below: number) => number;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export function pick<T>(values: readonly T[], random: Random): T {
  const value = values[random(values.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

const ENVELOPE =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"progressToken":"abc"}';
const ID = '"sy-1-n0nce"';

/** Whole messages of every kind, from which all others are made. */
const MESSAGES: readonly string[] = [
  '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  '{"jsonrpc":"2.0","id":"a","method":"ping","params":{}}',
  `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"getJiraIssue","arguments":{"issueIdOrKey":"ENG-1"},${ENVELOPE}}}`,
  `{"method":"resources/read","params":{${ENVELOPE},"uri":"test://ä"},"id":9007199254740993,"jsonrpc":"2.0"}`,
  '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a","reason":"\\u0000"}}',
  '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1.0,"progress":1e2}}',
  '{"jsonrpc":"2.0","id":"s","result":{"action":"accept","content":{"a":"b"}}}',
  `{"jsonrpc":"2.0","id":${ID},"result":{"content":[{"type":"text","text":"\\"id\\":${ID.replaceAll('"', '\\"')}"}]}}`,
  `{"result":{"id":${ID},"content":[]},"jsonrpc":"2.0","id":${ID}}`,
  `{"jsonrpc":"2.0","id":${ID},"error":{"code":-32602,"message":"m","data":{"result":{}}}}`,
  `{ "result" : { "isError" : true } ,\n"id" : ${ID} }`,
  '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
];

/** What a mutation puts in: whatever has ever confused a reader of JSON. */
const STRANGE: readonly string[] = [
  '\u0000',
  '\\u0000',
  '\uD800',
  '\\ud800',
  '\uDC00\uD800',
  '\\',
  '\\\\',
  '\\"',
  '"',
  '""',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '1e400',
  '-0',
  '9'.repeat(400),
  '1.7976931348623157e308',
  '0.1e-999',
  'null',
  'true',
  '{"__proto__":{"method":"x"}}',
  '"id":',
  ID,
  '"jsonrpc":"2.0",',
  '"method":"m",',
  '"\\u0069d":1,',
  '\u2028',
  '\uFEFF',
  '\r\n',
  '\n\ndata: ',
  '🦊',
  ' '.repeat(700),
];

type Mutation = (text: string, random: Random) => string;

const MUTATIONS: readonly Mutation[] = [
  function flip(text, random) {
    const at = random(text.length + 1);
    return text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
  },
  function remove(text, random) {
    const at = random(text.length + 1);
    return text.slice(0, at) + text.slice(at + 1 + random(12));
  },
  function duplicate(text, random) {
    const at = random(text.length + 1);
    const part = text.slice(at, at + 1 + random(40));
    return text.slice(0, at) + part + text.slice(at);
  },
  function splice(text, random) {
    const other = pick(MESSAGES, random);
    return text.slice(0, random(text.length + 1)) + other.slice(random(other.length));
  },
  function truncate(text, random) {
    return text.slice(0, random(text.length + 1));
  },
  function nest(text, random) {
    const depth = 1 + random(80);
    return random(2) === 0
      ? `${'{"a":'.repeat(depth)}${text}${'}'.repeat(depth)}`
      : text.replace(/:(?=["{[\d])/, `:${'['.repeat(depth)}${']'.repeat(depth)},"b":`);
  },
  function insert(text, random) {
    const at = random(text.length + 1);
    return text.slice(0, at) + pick(STRANGE, random) + text.slice(at);
  },
  function insertBetween(text, random) {
    const places = [...text.matchAll(/[{,[]/g)].map(({ index }) => index + 1);
    const at = places.length === 0 ? 0 : pick(places, random);
    return text.slice(0, at) + pick(STRANGE, random) + text.slice(at);
  },
  function replaceValue(text, random) {
    const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+/g)];
    if (values.length === 0) return text;
    const { index, 0: value } = pick(values, random);
    return text.slice(0, index) + pick(STRANGE, random) + text.slice(index + value.length);
  },
  function escapeLetter(text, random) {
    const letters = [...text.matchAll(/[a-z]/g)];
    if (letters.length === 0) return text;
    const { index } = pick(letters, random);
    const code = text.charCodeAt(index).toString(16).padStart(4, '0');
    return `${text.slice(0, index)}\\u${code}${text.slice(index + 1)}`;
  },
];

/** A message with one to four things wrong with it. */
export function mutant(random: Random): string {
  let text = pick(MESSAGES, random);
  for (let count = 1 + random(4); count > 0; count -= 1) text = pick(MUTATIONS, random)(text, random);
  return text.slice(0, 20_000);
}
