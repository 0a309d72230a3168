import { describe, expect, it } from 'vitest';

import { metricTable, renderMetricsReference } from '../src/index.ts';

describe('docs/metrics.md', () => {
  it('is what the metric table says; `vitest -u` writes it anew', async () => {
    await expect(renderMetricsReference()).toMatchFileSnapshot('../../../docs/metrics.md');
  });

  it('has a line for every metric', () => {
    const page = renderMetricsReference();

    expect(metricTable.filter((row) => !page.includes(`| \`${row.name}\` `))).toEqual([]);
  });
});
