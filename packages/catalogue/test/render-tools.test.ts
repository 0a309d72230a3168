import fc from 'fast-check';
import { expect, it } from 'vitest';

import { createView, parseToolList, renderSite } from '../src/index.ts';
import { encodeToolName } from '../src/tool-name.ts';
import { estateOf, judged, wholeText } from './fixture.ts';

const PLAIN = 'abcdefghijABCDEFGHIJ0123456789_-';
const anyName = fc.oneof(
  fc.string({ unit: fc.constantFrom(...PLAIN.split('')), minLength: 1, maxLength: 70 }),
  fc.string({ unit: fc.constantFrom('a', '.', '/', '"', '\\', 'ä', '🙂', ' '), minLength: 1, maxLength: 20 }),
);
const anyAlias = fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/);

it('every tool has the name that calls are resolved by, whether or not others of its list had to be cut', () => {
  fc.assert(
    fc.property(anyAlias, fc.uniqueArray(anyName, { minLength: 1, maxLength: 8 }), (alias, names) => {
      const { directory, site } = estateOf({ alias });
      const index = parseToolList(JSON.stringify(names.map((name) => ({ name }))));
      const namesOn = (single: boolean): string[] => {
        const sites = single ? [site] : directory.sites;
        const view = createView({ id: 'all', sites, single, layers: [] });
        const { text } = renderSite(view, judged(view, site), index);
        return (JSON.parse(`[${wholeText(text)}]`) as { name: string }[]).map(({ name }) => name);
      };
      expect(namesOn(false)).toEqual(names.map((name) => encodeToolName(alias, name)));
      expect(namesOn(true)).toEqual(names);
    }),
  );
});
