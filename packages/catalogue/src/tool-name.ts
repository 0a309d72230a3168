/**
 * The codec between a tool of a site and the name under which clients see it (contract, section 4).
 * Names fit every client: `^[A-Za-z0-9_-]{1,64}$`; one bad name makes Claude withhold the whole connector.
 */
export const TOOL_NAME: RegExp = /^[A-Za-z0-9_-]{1,64}$/;

const SEPARATOR = '__';
const MAX_LENGTH = 64;
const HASH_LENGTH = 6;

/** `<namespace>__<tool>`; a name that would be too long or has other characters is cut and ends in a hash of the whole. */
export function encodeToolName(namespace: string, tool: string): string {
  return fitToolName(namePrefix(namespace) + tool);
}

/** What the names of a site begin with. */
export function namePrefix(namespace: string): string {
  return namespace + SEPARATOR;
}

/** A name that every client takes: itself where it fits, else cut as above. */
export function fitToolName(whole: string): string {
  if (TOOL_NAME.test(whole)) return whole;
  const cut = whole.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_LENGTH - HASH_LENGTH - 1);
  return `${cut}_${shortHash(whole)}`;
}

/** The two halves of an advertised name: no namespace contains the separator, so the first one divides. */
export function splitToolName(name: string): { namespace: string; rest: string } | undefined {
  const at = name.indexOf(SEPARATOR);
  if (at <= 0) return undefined;
  return { namespace: name.slice(0, at), rest: name.slice(at + SEPARATOR.length) };
}

/** Six base-36 characters of a 53-bit string hash (cyrb53): stable for ever, not for security. */
function shortHash(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const hash = 4294967296 * (2097151 & low) + (high >>> 0);
  return hash.toString(36).padStart(HASH_LENGTH, '0').slice(-HASH_LENGTH);
}
