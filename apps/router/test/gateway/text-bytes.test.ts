import fc from 'fast-check';
import { expect, it } from 'vitest';

import { textBytes } from '../../src/gateway/text-bytes.ts';

const anyText = fc.string({ unit: fc.constantFrom('a', '"', 'ä', '漢', '🙂', '\n', '') });

/** Some texts that share their fixed pieces, each with gaps of its own. */
const texts = fc.array(anyText, { minLength: 1, maxLength: 6 }).chain((fixed) =>
  fc
    .array(fc.array(anyText, { minLength: fixed.length - 1, maxLength: fixed.length - 1 }), {
      maxLength: 4,
    })
    .map((all) => all.map((gaps) => ({ fixed, gaps }))),
);

it('writes fixed pieces and what stands between them, whatever characters these are', () => {
  fc.assert(
    fc.property(texts, texts, (some, others) => {
      const all = [...some, ...others];
      const expected = all
        .map(({ fixed, gaps }) => fixed.map((piece, at) => piece + (gaps[at] ?? '')).join(''))
        .join('');
      expect(textBytes(all).toString('utf8')).toBe(expected);
      expect(textBytes(all)).toHaveLength(Buffer.byteLength(expected));
    }),
  );
});
