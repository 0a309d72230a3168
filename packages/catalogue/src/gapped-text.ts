/**
 * A text of which most is the same for many: fixed pieces, and what stands between each two of them. The fixed pieces
 * are the same object wherever they are the same, so that what is made of them can be kept.
 */
export interface GappedText {
  /** One more than there are gaps. */
  readonly fixed: readonly string[];
  readonly gaps: readonly string[];
}

/** A text without gaps. */
export function plainText(text: string): GappedText {
  return { fixed: [text], gaps: [] };
}
