import type { GappedText, TextTemplate } from '@switchyard/catalogue';

interface TemplateBytes {
  readonly pieces: readonly Buffer[];
  /** Of all pieces. */
  readonly size: number;
  /** How many gaps each value fills. */
  readonly uses: readonly number[];
}

/** What many texts share is made to bytes once. */
const known = new WeakMap<TextTemplate, TemplateBytes>();

function templateBytes(template: TextTemplate): TemplateBytes {
  const before = known.get(template);
  if (before) return before;
  const pieces = template.pieces.map((piece) => Buffer.from(piece));
  const uses: number[] = [];
  for (const value of template.gaps) uses[value] = (uses[value] ?? 0) + 1;
  const fresh = { pieces, size: pieces.reduce((sum, { length }) => sum + length, 0), uses };
  known.set(template, fresh);
  return fresh;
}

/** The texts, one after the other, as UTF-8. Of what may be tens of megabytes nothing is held twice. */
export function textBytes(texts: readonly GappedText[]): Buffer {
  const values = texts.map((text) => text.values.map((value) => Buffer.from(value)));
  const size = texts.reduce(
    (sum, { template }, at) => sum + sizeOf(templateBytes(template), values[at] ?? []),
    0,
  );
  const bytes = Buffer.allocUnsafeSlow(size);
  let end = 0;
  for (const [at, { template }] of texts.entries())
    end = write(bytes, { template, values: values[at] ?? [], start: end });
  return bytes;
}

function sizeOf({ size, uses }: TemplateBytes, values: readonly Buffer[]): number {
  return values.reduce((sum, { length }, at) => sum + length * (uses[at] ?? 0), size);
}

interface Filled {
  readonly template: TextTemplate;
  readonly values: readonly Buffer[];
  readonly start: number;
}

/** Returns where the text ends. */
function write(bytes: Buffer, { template, values, start }: Filled): number {
  const { pieces } = templateBytes(template);
  const { gaps } = template;
  let at = start;
  for (let count = 0; count < pieces.length; count += 1) {
    at = put(bytes, pieces[count], at);
    at = put(bytes, values[gaps[count] ?? -1], at);
  }
  return at;
}

function put(bytes: Buffer, part: Buffer | undefined, at: number): number {
  if (part === undefined) return at;
  bytes.set(part, at);
  return at + part.length;
}
