import { isMap, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';

import { interpolate, type InterpolationSources } from './interpolate.ts';
import type { Problem } from './problem.ts';

/** A YAML or JSON text, with the place of everything in it. */
export interface YamlSource {
  readonly value: unknown;
  readonly problems: readonly Problem[];
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
    message: plain(error.message),
  }));
  if (problems.length === 0) problems.push(...fillIn(document, at, sources));
  return {
    value: valueOf(document, problems, at),
    problems,
    locate: (path, atKey) => at(offsetOf(document, path, atKey)),
  };
}

function plain(message: string): string {
  return `not valid YAML: ${message.replace(/ at line \d+.*$/s, '').replace(/:?\s*$/, '')}`;
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
      node.value = text;
      for (const message of faults) problems.push({ where: at(node.range?.[0] ?? 0), message });
    },
  });
  return problems;
}

function valueOf(document: Document, problems: Problem[], at: (offset: number) => string): unknown {
  if (problems.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    problems.push({
      where: at(0),
      message: `not valid YAML: ${error instanceof Error ? error.message : String(error)}`,
    });
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
    (item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1),
  );
  return rangeStart(pair?.key);
}

function rangeStart(node: unknown): number | undefined {
  return node !== null && typeof node === 'object' && 'range' in node && Array.isArray(node.range)
    ? (node.range[0] as number)
    : undefined;
}
