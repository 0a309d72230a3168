/**
 * A text of which most is the same for many: a template that they share, so that what is made of it can be kept, and
 * the values that fill its gaps.
 */
export interface GappedText {
  readonly template: TextTemplate;
  readonly values: readonly string[];
}

/** Fixed pieces with a gap between each two of them. */
export interface TextTemplate {
  /** One more than there are gaps. */
  readonly pieces: readonly string[];
  /** For each gap the index of the value that fills it; a value may fill many. */
  readonly gaps: readonly number[];
}

/** A text without gaps. */
export function plainText(text: string): GappedText {
  return { template: { pieces: [text], gaps: [] }, values: [] };
}
