import { execFileSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { cursorLink, shellWord, vsCodeLink } from '../../src/clients/encodings.ts';

describe('shellWord', () => {
  it.each([
    ['https://mcp.acme.example/mcp', 'https://mcp.acme.example/mcp'],
    ['https://mcp.acme.example/mcp?mode=lean', "'https://mcp.acme.example/mcp?mode=lean'"],
    ["it's", String.raw`'it'\''s'`],
    ['', "''"],
    ['$(id)', "'$(id)'"],
  ])('writes %s so that nothing in it is special', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });

  it('is read back by a shell as the same text, whatever it is', () => {
    const special = 'ab\'"\\$`!*?[]{}()<>|&;~# \t=%^ü'.split('');
    const texts = fc.sample(fc.string({ unit: fc.constantFrom(...special) }), 300);

    const read = execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map(shellWord).join(' ')}`]).toString();

    expect(read.split('\0').slice(0, -1)).toEqual(texts);
  });
});

describe('links', () => {
  it('bring back name and URL, whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), fc.webUrl({ withQueryParameters: true }), (name, url) => {
        const cursor = new URL(cursorLink({ name, url })).searchParams;
        const vsCode = new URL(vsCodeLink({ name, url })).searchParams;

        expect([cursor.get('name'), vsCode.get('name')]).toEqual([name, name]);
        const config = Buffer.from(cursor.get('config') ?? '', 'base64').toString();
        expect(JSON.parse(config)).toEqual({ url });
        expect(JSON.parse(vsCode.get('config') ?? '')).toEqual({ type: 'http', url });
      }),
    );
  });
});
