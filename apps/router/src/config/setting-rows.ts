/** One setting of the configuration, as the reference page shows it. */
export interface SettingRow {
  /** `listen.port`, `sites[].alias`, `views.<name>.mode` */
  readonly path: string;
  /** Type, choices and bounds. */
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** The part of JSON Schema that zod writes for a configuration. */
interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: string | number;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly propertyNames?: SchemaNode;
  readonly additionalProperties?: SchemaNode | false;
}

/** Every setting that a schema has, in its order: a block first, then what is in it. */
export function settingRows(schema: unknown): SettingRow[] {
  return rowsIn(schema as SchemaNode, '');
}

/** A block that this version refuses; what would be in it is of no use. */
const CLOSED = new Set(['auth.oauth']);

function rowsIn(block: SchemaNode, prefix: string): SettingRow[] {
  return Object.entries(block.properties ?? {}).flatMap(([key, node]) => {
    const path = `${prefix}${key}`;
    const required = block.required?.includes(key) === true;
    const row = {
      path,
      type: typeOf(node),
      fallback: required ? 'required' : fallbackOf(node),
      meaning: node.description ?? '',
    };
    return CLOSED.has(path) ? [row] : [row, ...rowsBelow(node, path)];
  });
}

function rowsBelow(node: SchemaNode, path: string): SettingRow[] {
  if (node.properties) return rowsIn(node, `${path}.`);
  if (node.items?.properties) return rowsIn(node.items, `${path}[].`);
  const each = node.additionalProperties;
  return each && each.properties ? rowsIn(each, `${path}.<name>.`) : [];
}

function fallbackOf(node: SchemaNode): string {
  // A block's default is the defaults of what is in it.
  if (node.default === undefined || isEmptyMap(node.default)) return '–';
  return `\`${typeof node.default === 'string' ? node.default : JSON.stringify(node.default)}\``;
}

function isEmptyMap(value: unknown): boolean {
  return (
    value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0
  );
}

function typeOf(node: SchemaNode): string {
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum) return node.enum.map((choice) => `\`${choice}\``).join(', ');
  if (node.type === 'array') return `list of ${node.items?.type === 'string' ? 'texts' : 'blocks'}`;
  if (node.type === 'boolean') return '`true`, `false`';
  if (node.type === 'integer') return `whole number${boundsOf(node)}`;
  if (node.type === 'object') return mapType(node);
  return node.format === 'email' ? 'e-mail address' : 'text';
}

function mapType({ properties, additionalProperties }: SchemaNode): string {
  if (properties) return 'block';
  const levels = additionalProperties ? additionalProperties.enum : undefined;
  return levels ? `product: ${levels.map((level) => `\`${level}\``).join(', ')}` : 'name: block';
}

function boundsOf({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) return '';
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? `, at least ${minimum}`
    : `, ${minimum} to ${maximum}`;
}
