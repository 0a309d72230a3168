import { type ConfigSource, parseConfig } from '../../src/config/load-config.ts';
import { ConfigError, type Problem } from '../../src/config/problem.ts';

export const ALPHA = '11111111-aaaa-4aaa-8aaa-000000000001';
export const BETA = '22222222-bbbb-4bbb-8bbb-000000000002';

/** The first site; more of its settings may follow, four columns in. */
export const SITES: string = `sites:
  - cloudId: ${ALPHA}
    url: https://alpha-eng.atlassian.net
`;

/** A second one, without an alias. */
export const SECOND_SITE: string = `  - cloudId: ${BETA}
    url: https://beta-ops.atlassian.net
`;

/** The least that is valid, and whatever else at the top. */
export function fileWith(top: string, site = ''): string {
  return `version: 1\n${top}${SITES}${site}`;
}

const MARK = '¦';

/** Takes the marks out of a text and says where they stood, as `line:column`. */
export function readMarks(marked: string): { text: string; places: string[] } {
  const parts = marked.split(MARK);
  const places = parts.slice(0, -1).map((_, at) => {
    const lines = parts
      .slice(0, at + 1)
      .join('')
      .split('\n');
    return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
  });
  return { text: parts.join(''), places };
}

/** What is wrong with a text; nothing when it is valid. Anything but a ConfigError is thrown on. */
export function problemsOf(text: string, source: Partial<ConfigSource> = {}): readonly Problem[] {
  try {
    parseConfig(text, { path: 'switchyard.yaml', env: {}, ...source });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}
