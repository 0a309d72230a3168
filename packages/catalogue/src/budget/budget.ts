import { memberText } from '@switchyard/json-text';

/**
 * What a list costs a client. Estimated from the characters that a client hands to its model: name,
 * description and schema of each tool; `_meta`, annotations and the schemas of results stay outside.
 */
export interface ToolBudget {
  readonly tools: number;
  /** Estimated, within 15 % of OpenAI's o200k on the definitions of Rovo's tools. */
  readonly tokens: number;
  readonly clients: readonly ClientBudget[];
}

export interface ClientBudget {
  readonly client: string;
  /** How many tools of one connector it takes. */
  readonly limit: number;
  /** How many it would leave out. */
  readonly dropped: number;
}

/** Field reports: bun913/mcp-testrail#6, jmrplens/gitlab-mcp-server#21, microsoft/vscode#255585, anthropics/claude-ai-mcp#587. */
export const CLIENT_LIMITS: readonly { readonly client: string; readonly limit: number }[] = [
  { client: 'Cursor', limit: 40 },
  { client: 'JetBrains AI', limit: 100 },
  { client: 'VS Code, Copilot', limit: 128 },
  { client: 'Claude Desktop, Cowork', limit: 256 },
];

const CHARACTERS_A_TOKEN = 4.25;
/** Other scripts take more tokens: between Japanese prose and Russian. */
const OTHER_CHARACTERS_A_TOKEN = 2;

/** About how many tokens a text is. */
export function estimateTokens(text: string): number {
  let others = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) others += 1;
  return Math.ceil((text.length - others) / CHARACTERS_A_TOKEN + others / OTHER_CHARACTERS_A_TOKEN);
}

/** The budget of a list, from the JSON texts of its definitions. */
export function budgetOf(definitions: readonly string[]): ToolBudget {
  const tokens = definitions.map((each) => estimateTokens(modelText(each)));
  return {
    tools: definitions.length,
    tokens: tokens.reduce((sum, each) => sum + each, 0),
    clients: clientBudgets(definitions.length),
  };
}

/** What each client would leave out of a list of so many tools. */
export function clientBudgets(tools: number): ClientBudget[] {
  return CLIENT_LIMITS.map(({ client, limit }) => ({ client, limit, dropped: Math.max(0, tools - limit) }));
}

/** The part of a definition that a model reads. */
export function modelText(definition: string): string {
  const parts = ['name', 'description', 'inputSchema'].flatMap((key) => {
    const text = memberText(definition, key);
    return text === undefined ? [] : [`"${key}":${text}`];
  });
  return `{${parts.join(',')}}`;
}
