// The smallest image and sound that are still valid.

/** A PNG of one red pixel, base64. */
export const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** A WAV header without a sample, base64. */
export const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=';

/**
 * A tool result of one text.
 * @param {string} text
 */
export function textResult(text) {
  return { content: [{ type: 'text', text }] };
}
