import type { ClientTarget } from './client-recipe.ts';

/** A word of a POSIX shell that means exactly this text. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A JSON file, as people write it. */
export function jsonFile(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

/** A link that adds the connector to Cursor. Its `config` is Base64, whose `+`, `/` and `=` a query would read as something else. */
export function cursorLink({ name, url }: ClientTarget): string {
  const config = Buffer.from(JSON.stringify({ url })).toString('base64');
  return `https://cursor.com/en/install-mcp?name=${encodeURIComponent(name)}&config=${encodeURIComponent(config)}`;
}

/** A link that adds the connector to VS Code; its `config` is JSON. */
export function vsCodeLink({ name, url }: ClientTarget): string {
  const config = JSON.stringify({ type: 'http', url });
  return `https://vscode.dev/redirect/mcp/install?name=${encodeURIComponent(name)}&config=${encodeURIComponent(config)}`;
}
