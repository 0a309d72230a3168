import fc from 'fast-check';
import { expect, it } from 'vitest';

import { textBytes } from '../../src/gateway/text-bytes.ts';

const anyText = fc.string({ unit: fc.constantFrom('a', '"', 'ä', '漢', '🙂', '\n', '') });

const templates = fc.array(anyText, { minLength: 1, maxLength: 6 }).chain((pieces) => {
  const gaps = fc.array(fc.nat({ max: 3 }), { minLength: pieces.length - 1, maxLength: pieces.length - 1 });
  return gaps.map((all) => ({ pieces, gaps: all }));
});

/** Some texts that share their template, each with values of its own. */
const texts = templates.chain((template) => {
  const values = fc.array(anyText, { minLength: 4, maxLength: 4 });
  return fc.array(values, { maxLength: 4 }).map((all) => all.map((each) => ({ template, values: each })));
});

it('writes fixed pieces and what stands between them, whatever characters these are', () => {
  fc.assert(
    fc.property(texts, texts, (some, others) => {
      const all = [...some, ...others];
      const expected = all
        .map(({ template: { pieces, gaps }, values }) =>
          pieces.map((piece, at) => piece + (values[gaps[at] ?? -1] ?? '')).join(''),
        )
        .join('');
      expect(textBytes(all).toString('utf8')).toBe(expected);
      expect(textBytes(all)).toHaveLength(Buffer.byteLength(expected));
    }),
  );
});
