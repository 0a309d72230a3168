import { expect } from 'vitest';

import { askMcp, type McpAnswer } from './oauth-client.ts';

/** A site as a list tells of it. */
export interface SiteRow {
  readonly site: string;
  readonly status: string;
  readonly tools: number;
  readonly reason?: string;
}

/** What one token is shown. */
export interface Listed {
  readonly rows: readonly SiteRow[];
  readonly names: readonly string[];
  /** Site by site: `eng: ok`. */
  readonly states: readonly string[];
}

export const call = (name: string, args: unknown = {}): { method: string; params: unknown } => ({
  method: 'tools/call',
  params: { name, arguments: args },
});

export function rows({ body }: McpAnswer): readonly SiteRow[] {
  return (body.result?._meta?.['switchyard/sites'] ?? []) as readonly SiteRow[];
}

export function names({ body }: McpAnswer): readonly string[] {
  return body.result?.tools?.map(({ name }) => name) ?? [];
}

export async function listOf(url: string, token: string, path = '/mcp'): Promise<Listed> {
  const answer = await askMcp(url, token, { method: 'tools/list', path });
  expect(answer.status).toBe(200);
  const found = rows(answer);
  return {
    rows: found,
    names: names(answer),
    states: found.map(({ site, status }) => `${site}: ${status}`),
  };
}

/** What became of a call, in a word: `ok`, the reason of a failure, `unknown`, or the HTTP status that refused it. */
export async function outcomeOf(
  url: string,
  token: string,
  [name, args]: readonly [name: string, args?: unknown],
): Promise<string> {
  const { status, body } = await askMcp(url, token, call(name, args));
  if (status !== 200) return String(status);
  if (body.error) return body.error.message.startsWith('Unknown tool') ? 'unknown' : body.error.message;
  const reason = body.result?._meta?.['switchyard/reason'];
  if (typeof reason === 'string') return reason;
  return body.result?.isError === true ? 'tool_error' : 'ok';
}

/** Who a call ran as, by what the site says. */
export async function accountAt(url: string, token: string, site: string): Promise<string> {
  const { body } = await askMcp(url, token, call(`${site}__atlassianUserInfo`));
  return /"email":\s*"([^"]*)"/.exec(body.result?.content?.[0]?.text ?? '')?.[1] ?? 'nobody';
}
