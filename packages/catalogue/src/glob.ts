import type { ToolGlobs } from './model.ts';

/** Compiles globs (`*` any run, `?` any one character) to one test of the whole text. */
export function compileGlobs(globs: readonly string[], flags = ''): (text: string) => boolean {
  if (globs.length === 0) return () => false;
  const sources = globs.map((glob) => glob.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`));
  const pattern = sources.map((source) => source.replaceAll('*', '.*').replaceAll('?', '.')).join('|');
  const expression = new RegExp(`^(?:${pattern})$`, `s${flags}`);
  return (text) => expression.test(text);
}

/** Allow and deny globs as one predicate: deny wins, an absent `allow` allows every name. */
export function compileToolGlobs(rules: ToolGlobs | undefined): (tool: string) => boolean {
  const allowed = rules?.allow ? compileGlobs(rules.allow) : () => true;
  const denied = compileGlobs(rules?.deny ?? []);
  return (tool) => allowed(tool) && !denied(tool);
}
