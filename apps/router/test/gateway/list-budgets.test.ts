import { createSiteDirectory, createView, type Mode, parseCloudId, type View } from '@switchyard/catalogue';
import { describe, expect, it } from 'vitest';

import { createListBudgets } from '../../src/gateway/list-budgets.ts';

const cloudId = parseCloudId('11111111-aaaa-4aaa-8aaa-000000000001');
const { sites } = createSiteDirectory(
  cloudId
    ? [
        {
          cloudId,
          alias: 'eng',
          url: 'https://e.atlassian.net',
          endpoint: 'https://m.example',
          identity: 'personal',
        },
      ]
    : [],
);

function viewOf(id: string, mode: Mode = 'namespaced'): View {
  return createView({ id, name: id, sites, single: false, layers: [], mode });
}

function listOf(tools: number): { tools: number; result: () => Buffer } {
  const text = JSON.stringify({ tools: Array.from({ length: tools }, (_, at) => ({ name: `t${at}` })) });
  return { tools, result: () => Buffer.from(text) };
}

interface Line {
  readonly view: string;
  readonly cutBy: readonly string[];
}

describe('the budgets of lists', () => {
  it('say once that clients would cut a list, for each URL, and nothing of one that fits', () => {
    const lines: Line[] = [];
    const budgets = createListBudgets({ warn: (fields) => void lines.push(fields as unknown as Line) });
    for (const [id, tools] of [
      ['small', 40],
      ['big', 41],
      ['big', 300],
      ['other', 129],
    ] as const)
      budgets.note(viewOf(id), listOf(tools));

    expect(lines.map(({ view, cutBy }) => [view, cutBy.length])).toEqual([
      ['big', 1],
      ['other', 3],
    ]);
    expect(lines[0]?.cutBy).toEqual(['Cursor (40)']);
  });

  it('are those of the newest list of each URL, the newest first, as long as it is kept', () => {
    const budgets = createListBudgets({ warn: () => {} });
    budgets.note(viewOf('a'), listOf(1));
    budgets.note(viewOf('b', 'merged'), listOf(2));
    budgets.note(viewOf('a'), listOf(3));
    budgets.note(viewOf('gone'), { tools: 9, result: () => undefined });

    expect(budgets.all()).toMatchObject([
      { view: 'a', mode: 'namespaced', sites: ['eng'], tools: 3 },
      { view: 'b', mode: 'merged', tools: 2 },
    ]);
  });

  it('are bounded in number', () => {
    const budgets = createListBudgets({ warn: () => {} });
    for (let at = 0; at < 500; at += 1) budgets.note(viewOf(`v${at}`), listOf(1));

    expect(budgets.all()).toHaveLength(100);
  });
});
