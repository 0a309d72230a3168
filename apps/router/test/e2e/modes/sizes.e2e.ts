import { budgetOf, type ToolBudget } from '@switchyard/catalogue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Estate } from '../estate.ts';
import { startTwelve } from './twelve-sites.ts';

let estate: Estate;
beforeAll(async () => void (estate = await startTwelve()));
afterAll(() => estate.close());

/** The definitions of a list, and how long they are together. */
async function sizeOf(path: string): Promise<ToolBudget & { readonly characters: number }> {
  const { tools } = await estate.list({ path });
  const texts = tools.filter(({ name }) => !OWN.has(name)).map((tool) => JSON.stringify(tool));
  return { ...budgetOf(texts), characters: texts.join('').length };
}

/** The clients that leave something of a list out. */
async function cut(path: string): Promise<string[]> {
  const { clients } = await sizeOf(path);
  return clients.filter(({ dropped }) => dropped > 0).map(({ client }) => client);
}

/** Switchyard's own, which are the same however many sites there are. */
const OWN = new Set(['switchyard_sites', 'switchyard_explain', 'fetch', 'search']);

describe('twelve sites with the same tools', () => {
  it('have the tools of one site in mode merged, twelve times as many in mode namespaced, and four in mode lean', async () => {
    const one = await sizeOf('/mcp/sites/eng');
    const namespaced = await sizeOf('/mcp');
    const merged = await sizeOf('/mcp?mode=merged');
    const lean = await sizeOf('/mcp?mode=lean');

    // A single-site URL lists the site's own search.
    expect(merged.tools).toBe(one.tools);
    expect(merged.characters / one.characters).toBeLessThan(1.1);
    expect(namespaced.tools).toBe(12 * (one.tools + 1));
    expect(lean.tools).toBe(4);
    expect(lean.tokens).toBeLessThan(one.tokens / 10);
  });

  it('are cut by clients in mode namespaced; by fewer in mode merged, by none in mode lean', async () => {
    expect(await cut('/mcp')).toHaveLength(4);
    expect(await cut('/mcp?mode=merged')).not.toContain('Claude Desktop, Cowork');
    expect(await cut('/mcp?mode=lean')).toEqual([]);
  });
});
