import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Where `${env:…}` and `${file:…}` take their values from. */
export interface InterpolationSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file paths start here. */
  readonly directory: string;
}

const PLACEHOLDER = /\$\$\{|\$\{([^}]*)(\}?)/g;
const ENV = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;
const FILE = /^file:(.+)$/s;
/** Does not repeat what stands there: it may be a part of a secret that has `${` in it. */
const NO_PLACEHOLDER =
  'a placeholder is ${env:NAME}, ${env:NAME:-default} or ${file:PATH}; write $${ for a plain ${';

/**
 * Replaces `${env:NAME}`, `${env:NAME:-default}` and `${file:PATH}`; `$${` stands for itself.
 * Returns the text, or one sentence for each placeholder that has no value.
 */
export function interpolate(text: string, sources: InterpolationSources): { text: string; faults: string[] } {
  const faults: string[] = [];
  const replaced = text.replaceAll(PLACEHOLDER, (whole, inner?: string, end?: string) => {
    if (inner === undefined) return whole.slice(1);
    const found = end === '}' ? lookUp(inner, sources) : { fault: NO_PLACEHOLDER };
    if ('value' in found) return found.value;
    faults.push(found.fault);
    return '';
  });
  return { text: replaced, faults };
}

type Found = { readonly value: string } | { readonly fault: string };

function lookUp(inner: string, sources: InterpolationSources): Found {
  const env = ENV.exec(inner);
  if (env) return lookUpEnv(env[1] ?? '', env[2], sources);
  const file = FILE.exec(inner);
  if (file) return readSecretFile(file[1] ?? '', sources);
  return { fault: NO_PLACEHOLDER };
}

function lookUpEnv(name: string, fallback: string | undefined, { env }: InterpolationSources): Found {
  const value = (Object.hasOwn(env, name) && env[name]) || fallback;
  if (value !== undefined) return { value };
  return { fault: `the environment variable ${name} is not set; set it, or write \${env:${name}:-default}` };
}

/** Files of secrets usually end in a newline that is not part of the secret. */
function readSecretFile(path: string, { directory }: InterpolationSources): Found {
  try {
    return { value: readFileSync(resolve(directory, path), 'utf8').replace(/\r?\n$/, '') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    return { fault: `the file ${path} cannot be read (${code})` };
  }
}
