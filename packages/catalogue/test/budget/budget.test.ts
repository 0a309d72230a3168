import { readFileSync } from 'node:fs';

import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';

import { budgetOf, CLIENT_LIMITS, clientBudgets, estimateTokens, modelText } from '../../src/index.ts';

interface Row {
  readonly generation: string;
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
}

const rows = JSON.parse(
  readFileSync(new URL('../../../../apps/rovo-emulator/data/rovo-tools.json', import.meta.url), 'utf8'),
) as Row[];

/** Definitions as a list has them. */
function definitions(generation: string): string[] {
  return rows
    .filter((row) => row.generation === generation)
    .map(({ name, description, inputSchema }) =>
      JSON.stringify({ name, description, inputSchema, _meta: { x: 'y' } }),
    );
}

describe('the estimate of tokens', () => {
  it.each(['v1', 'v2'])('is within a twentieth of o200k over all definitions of %s', (generation) => {
    const texts = definitions(generation).map(modelText);
    const counted = texts.reduce((sum, each) => sum + countTokens(each), 0);
    const estimated = texts.reduce((sum, each) => sum + estimateTokens(each), 0);

    expect(Math.abs(estimated / counted - 1)).toBeLessThan(0.05);
  });

  it('is within 15 % for lists of namespaced and of merged tools', () => {
    const sites = [
      'eng',
      'ops',
      'labs',
      'web',
      'data',
      'sec',
      'mobile',
      'infra',
      'sales',
      'legal',
      'hr',
      'docs',
    ];
    const site = { type: 'string', enum: sites };
    const lists = [
      rows.map((row) => ({ ...row, name: `eng__${row.name}`, description: `[eng] ${row.description}` })),
      rows.map((row) => ({
        ...row,
        inputSchema: { type: 'object', properties: { site }, required: ['site'] },
      })),
    ];
    for (const list of lists) {
      const texts = list.map((row) => modelText(JSON.stringify(row)));
      const counted = countTokens(texts.join('\n'));
      const estimated = estimateTokens(texts.join('\n'));
      expect(Math.abs(estimated / counted - 1)).toBeLessThan(0.15);
    }
  });

  it.each([
    [
      'German',
      'Erstellt einen neuen Vorgang im angegebenen Projekt und gibt dessen Schlüssel zurück, für spätere Änderungen.',
    ],
    ['Russian', 'Создаёт новую задачу в указанном проекте и возвращает её ключ.'],
    ['Japanese', '指定されたプロジェクトに新しい課題を作成し、そのキーを返します。'],
  ])('never says less than half or more than twice for %s', (_, text) => {
    const ratio = estimateTokens(text) / countTokens(text);

    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

describe('the budget of a list', () => {
  it('counts what a model reads and nothing else', () => {
    const bare = JSON.stringify({ name: 'a', description: 'b', inputSchema: {} });
    const full = JSON.stringify({
      name: 'a',
      description: 'b',
      inputSchema: {},
      outputSchema: {},
      _meta: { x: 'y'.repeat(999) },
    });

    expect(budgetOf([full])).toEqual(budgetOf([bare]));
    expect(modelText(full)).toBe(bare);
  });

  it('says what each client would leave out', () => {
    expect(clientBudgets(130).map(({ dropped }) => dropped)).toEqual([90, 30, 2, 0]);
    expect(budgetOf([])).toEqual({
      tools: 0,
      tokens: 0,
      clients: CLIENT_LIMITS.map((row) => ({ ...row, dropped: 0 })),
    });
  });
});
