import { isRecord } from '../call-arguments.ts';
import { CONTAINERS, CREATED_KEY, type Reading, READINGS, type ResourceKind } from './named-resources.ts';

/** A place in a call's arguments that says, or should say, in which project or space it acts. */
export interface Mention {
  /** As the caller wrote it. */
  readonly argument: string;
  /** The argument on top in which it stands. */
  readonly root: string;
  readonly reading: Reading;
  readonly value: unknown;
}

/** Every such place, whatever the case of its name. The nesting was bounded when the body was read. */
export function mentionsOf(
  kind: ResourceKind,
  tool: string,
  args: Readonly<Record<string, unknown>>,
): Mention[] {
  const found: Mention[] = [];
  for (const root of Object.keys(args)) {
    const value = args[root];
    collect(found, kind, { argument: root, root, value });
    if (root === 'key' && Object.hasOwn(CREATED_KEY, tool) && CREATED_KEY[tool] === kind)
      found.push({ argument: root, root, reading: 'key', value });
    if (value !== null && typeof value === 'object' && CONTAINERS.includes(root.toLowerCase()))
      collectInside(found, kind, { argument: root, root, value });
  }
  return found;
}

type Spot = Omit<Mention, 'reading'>;

function collectInside(found: Mention[], kind: ResourceKind, { argument, root, value }: Spot): void {
  if (Array.isArray(value)) {
    for (const each of value) collectInside(found, kind, { argument, root, value: each });
  } else if (isRecord(value)) {
    for (const [key, each] of Object.entries(value)) {
      collect(found, kind, { argument: key, root, value: each });
      collectInside(found, kind, { argument: key, root, value: each });
    }
  }
}

function collect(found: Mention[], kind: ResourceKind, { argument, root, value }: Spot): void {
  const readings = READINGS[kind];
  const key = argument.toLowerCase();
  const reading = Object.hasOwn(readings, key) ? readings[key] : undefined;
  if (!reading || value === undefined || value === null) return;
  // What holds other places says nothing itself.
  if (isRecord(value) && kind === 'space') return;
  for (const each of valuesOf(value, reading)) found.push({ argument, root, reading, value: each });
}

/** Lists, `ENG,OPS`, and fields that name a project or an issue as `{ key }` or `{ id }`. */
function valuesOf(value: unknown, reading: Reading): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => valuesOf(each, reading));
  if (typeof value === 'string') return reading === 'key' || reading === 'id' ? value.split(',') : [value];
  if (!isRecord(value)) return [value];
  const named = [value['key'], value['id']].filter((each) => each !== undefined && each !== null);
  return named.length > 0 ? named : [value];
}
