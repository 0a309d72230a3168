import { describe, expect, it } from 'vitest';

import { HOSTILE_TEXTS } from './hostile-texts.ts';
import { PAGE_STATES } from './page-states.ts';

const plain = (text: string): string => text;

/** What a browser makes of a page but for its texts and the values of attributes: all that is left are tags. */
function tagsOf(page: string): string[] {
  return (page.replace(/<style>[\s\S]*?<\/style>/, '').match(/<[^>]*>/g) ?? []).map((tag) =>
    tag.replaceAll(/="[^"]*"/g, '').replaceAll(/\s+/g, ' '),
  );
}

/** Controls but for line feeds, and whatever shows as nothing or turns a line around. */
const UNSEEN = /[^\P{C}\n]|[\u2028\u2029\u115F\u3164\uFFA0\u2800]/u;

describe('a text from outside', () => {
  it(`comes in at least 100 hostile forms`, () => {
    expect(new Set(HOSTILE_TEXTS).size).toBe(HOSTILE_TEXTS.length);
    expect(HOSTILE_TEXTS.length).toBeGreaterThanOrEqual(100);
  });

  it.each(Object.entries(PAGE_STATES))(
    'changes no tag of the page %s, and hides nothing in it',
    (_, render) => {
      const tags = tagsOf(render(plain));

      for (const hostile of HOSTILE_TEXTS) {
        const page = render(() => hostile);

        expect(tagsOf(page), hostile.slice(0, 80)).toEqual(tags);
        expect(UNSEEN.exec(page)?.index, hostile.slice(0, 80)).toBeUndefined();
      }
    },
  );

  it.each(Object.entries(PAGE_STATES))('does not make the page %s large', (_, render) => {
    const size = render(plain).length;

    for (const hostile of HOSTILE_TEXTS) expect(render(() => hostile).length).toBeLessThan(size + 40_000);
  });

  it.each(Object.entries(PAGE_STATES))('is nowhere on the page %s as it came', (_, render) => {
    const benign = render(plain);
    const reflected = HOSTILE_TEXTS.filter((text) => /[<>"\r\u202E]/u.test(text) && !benign.includes(text));

    for (const hostile of reflected) expect(render(() => hostile).includes(hostile), hostile).toBe(false);
    expect(reflected.length).toBeGreaterThan(60);
  });
});
