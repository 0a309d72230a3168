const MAX_TEXT = 2000;
const MAX_NAME = 80;
/** The longest name that DNS has, and a port. */
const MAX_HOST = 260;

const SPACE_OR_CONTROL = /[\s\p{Cc}]+/gu;
/** Format characters (bidi, zero width, tags), lone surrogates, and the letters and marks that show as nothing. */
const UNSEEN = /\p{C}|\u034F|\u115F|\u1160|\u17B4|\u17B5|\u2800|\u3164|\uFFA0/gu;
/** More marks on one letter than any language writes would run over the lines around it. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;
const NOT_IN_HOST = /[^\w.\-:[\]/+]/gu;

/**
 * A text as a person will see it: line ends and control characters are a space, what cannot be seen or would reorder the
 * rest is `\uFFFD`. At most `max` characters, the last of them `…` when it was longer.
 */
export function displayedText(text: string, max: number = MAX_TEXT): string {
  const clean = text
    // Twice as much is enough: no step below makes a text longer, and an attacker's megabyte is not worth a pass.
    .slice(0, 2 * max + 2)
    .replaceAll(SPACE_OR_CONTROL, ' ')
    .replaceAll(UNSEEN, '\uFFFD')
    .replaceAll(STACKED_MARKS, '$1');
  const characters = Array.from(clean);
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : clean;
}

/** The name that an app, a site or an account gives itself, short enough for a heading; `otherwise` when nothing of it shows. */
export function displayedName(name: string, otherwise: string): string {
  const shown = displayedText(name, MAX_NAME).trim();
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(shown.replaceAll('\uFFFD', '')) ? shown : otherwise;
}

/** A host, whole, since its end says whose it is. Takes a host, an origin or an address; other alphabets must come as punycode. */
export function displayedHost(host: string): string {
  const shown = /^https?:/i.test(host) && URL.canParse(host) ? new URL(host).host : host;
  return shown.slice(0, MAX_HOST).replaceAll(NOT_IN_HOST, '\uFFFD');
}
