/** The answer to one scrape. */
export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

const openMetricsType = 'application/openmetrics-text';

/** Tells whether the Accept header of a scrape names OpenMetrics and does not weigh it 0. */
export function wantsOpenMetrics(accept: string): boolean {
  return accept
    .toLowerCase()
    .split(',')
    .some((part) => part.trim().startsWith(openMetricsType) && !/;\s*q=0(?:\.0*)?\s*(?:;|$)/.test(part));
}

/**
 * Rewrites Prometheus text as OpenMetrics: a counter's family has no `_total`, and the text has an end. prom-client could
 * do this too, but it renames the counters for good when it does, so that the next classic scrape would be wrong.
 */
export function toOpenMetrics(text: string): Exposition {
  const counters = new Set<string>();
  const lines = text.split('\n').filter((line) => line !== '');
  for (const line of lines) {
    const [, name] = /^# TYPE (\S+)_total counter$/.exec(line) ?? [];
    if (name !== undefined) counters.add(name);
  }
  const body = lines.map((line) => {
    const [, keyword, name] = /^# (HELP|TYPE) (\S+)_total /.exec(line) ?? [];
    if (keyword === undefined || name === undefined || !counters.has(name)) return line;
    return line.replace(`${name}_total `, `${name} `);
  });
  return {
    contentType: `${openMetricsType}; version=1.0.0; charset=utf-8`,
    body: `${body.join('\n')}\n# EOF\n`,
  };
}
