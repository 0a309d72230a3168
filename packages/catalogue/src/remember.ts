/** Remembers what a pure function found for a text. Callers choose some of the texts, so all is forgotten when there are too many. */
export function remember<T extends boolean | string>(
  find: (text: string) => T,
  most: number = 1_000,
): (text: string) => T {
  const found = new Map<string, T>();
  return (text) => {
    const known = found.get(text);
    if (known !== undefined) return known;
    if (found.size >= most) found.clear();
    const fresh = find(text);
    found.set(text, fresh);
    return fresh;
  };
}
