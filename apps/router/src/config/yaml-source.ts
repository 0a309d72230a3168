import {
  type Document,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';

import { interpolate, type InterpolationSources } from './interpolate.ts';
import type { Problem } from './problem.ts';

/** A YAML or JSON text, with the place of everything in it. */
export interface YamlSource {
  readonly value: unknown;
  /** Why there is no value at all. */
  readonly problems: readonly Problem[];
  /** Placeholders that have no value; their text stands in the value as it was written. */
  readonly faults: readonly Problem[];
  /** `file:line:column` of a value, of its key, or of the nearest thing around it that is there. */
  locate(path: readonly PropertyKey[], atKey?: boolean): string;
}

export function readYaml(text: string, fileName: string, sources: InterpolationSources): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const problems: Problem[] = document.errors.map((error) => ({
    where: at(error.pos[0]),
    message: plain(error),
  }));
  problems.push(...looseAliases(document, at));
  const faults = problems.length === 0 ? fillIn(document, at, sources) : [];
  return {
    value: valueOf(document, problems, at),
    problems,
    faults,
    locate: (path, atKey) => at(offsetOf(document, path, atKey)),
  };
}

const SENTENCES: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_ALIAS: 'an alias (*name) without its anchor (&name); quote a text that begins with *',
  DUPLICATE_KEY: 'the same key a second time; each key stands once',
  MULTIPLE_DOCS: 'a second document begins here; a configuration is one document',
  TAG_RESOLVE_FAILED: 'a tag (!name) that means nothing here; quote a text that begins with !',
};

/** The parser quotes the file after a colon, and that may be a secret. */
function plain({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  return `not valid YAML: ${SENTENCES[code] ?? message.replace(/[:;].*$/s, '')}`;
}

function looseAliases(document: Document, at: (offset: number) => string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_key, node) {
      if (node.resolve(document)) return;
      problems.push({ where: at(node.range?.[0] ?? 0), message: plain({ code: 'BAD_ALIAS', message: '' }) });
    },
  });
  return problems;
}

function fillIn(
  document: Document,
  at: (offset: number) => string,
  sources: InterpolationSources,
): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const { text, faults } = interpolate(node.value, sources);
      if (faults.length === 0) node.value = text;
      for (const message of faults) problems.push({ where: at(node.range?.[0] ?? 0), message });
    },
  });
  return problems;
}

function valueOf(document: Document, problems: Problem[], at: (offset: number) => string): unknown {
  if (problems.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    problems.push({ where: at(0), message: 'not valid YAML: its aliases (*name) unfold to too much' });
    return undefined;
  }
}

function offsetOf(document: Document, path: readonly PropertyKey[], atKey = false): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const head = path.slice(0, length);
    const offset =
      (atKey && length === path.length) || length < path.length
        ? keyOffset(document, head)
        : nodeOffset(document, head);
    if (offset !== undefined) return offset;
  }
  return 0;
}

function nodeOffset(document: Document, path: readonly PropertyKey[]): number | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return rangeStart(node);
}

function keyOffset(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return nodeOffset(document, path);
  const pair = parent.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(path.at(-1)),
  );
  return rangeStart(pair?.key);
}

function rangeStart(node: unknown): number | undefined {
  return node !== null && typeof node === 'object' && 'range' in node && Array.isArray(node.range)
    ? (node.range[0] as number)
    : undefined;
}
