import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { html as markup } from '../../src/pages/html.ts';

/** The text and the values in a piece of markup, as a browser would read them. */
function unescape(escaped: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return escaped.replaceAll(/&(#?\w+);/g, (_, name: string) => entities[name] ?? '');
}

describe('a hole in a template', () => {
  it.each<[string, () => unknown]>([
    [
      'in a script',
      () =>
        markup`<script>
          ${'x'};
        </script>`,
    ],
    [
      'in a style',
      () =>
        markup`<style>
          ${'x'}
        </style>`,
    ],
    ['in a comment', () => markup`<!-- ${'x'} -->`],
    ['for the name of a tag', () => markup`<${'b'}>`],
    ['for the name of an attribute', () => markup`<p ${'onclick'}="x">`],
    ['for an attribute without quotes', () => markup`<p class=${'x'}>`],
    ['in an attribute in single quotes', () => markup`<p class='${'x'}'>`],
    ['in an event handler', () => markup`<p onclick="${'x'}">`],
    ['in a style attribute', () => markup`<p style="${'x'}">`],
    ['in a document inside a frame', () => markup`<iframe srcdoc="${'x'}"></iframe>`],
    ['in the middle of an address', () => markup`<a href="/a/${'x'}">`],
    ['in the middle of a refresh', () => markup`<meta content="5;url=${'/x'}">`],
    ['with markup in an attribute', () => markup`<p class="${markup`x`}">`],
    ['with a list in an attribute', () => markup`<p class="${[markup`x`]}">`],
    ['with nothing in an attribute', () => markup`<p class="${undefined}">`],
  ])('is refused %s', (_, render) => {
    expect(render).toThrow(TypeError);
  });

  it('takes text for text, whatever it looks like', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 200 }), (text) => {
        const page = markup`<p title="${text}">${text}</p>`.text;
        const [, title = '', content = ''] = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/.exec(page) ?? [];

        expect(unescape(title)).toBe(content === '' ? title : unescape(content));
        expect(unescape(content)).toBe(text.replaceAll(/\s+/g, ' '));
      }),
    );
  });

  it('holds what `markup` made as it is, alone or in a list, and nothing for nothing', () => {
    const items = ['<a>', 'b'].map((item) => markup`<li>${item}</li>`);

    expect(markup`<ul>${items}${markup`<hr>`}${false}${undefined}${0}</ul>`.text).toBe(
      '<ul><li>&lt;a&gt;</li><li>b</li><hr>0</ul>',
    );
  });

  it('does not take an object that looks like markup for markup', () => {
    const forged = JSON.parse('{"text":"<script>"}') as string;

    expect(() => markup`<p>${forged}</p>`).toThrow(TypeError);
  });

  it('holds a flag between attributes, and nothing else', () => {
    expect(markup`<input name="a" ${'checked'}>`.text).toBe('<input name="a" checked>');
    expect(markup`<input name="a" ${false}>`.text).toBe('<input name="a" >');
  });
});

describe('an address', () => {
  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'blob:https://a.example/1',
    'file:///etc/passwd',
    'ftp://a.example',
    'mailto:a@b.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/a\r\nb',
    'https:evil.example',
    'https:/evil.example',
    'https:\\\\evil.example',
    'https://',
    'https://a b.example',
    'https://a.example/\u202E',
    'evil.example',
    '../up',
    '?query',
    '',
    `/${'a'.repeat(5000)}`,
  ])('of the kind %j is refused, and not repeated', (address) => {
    expect(() => markup`<a href="${address}">x</a>`).toThrow(/^A page must not link to such an address$/);
  });

  it.each([
    '/connect',
    '/connect/a%20b?x=1&y=2',
    '#token',
    'https://a.example/b?c=d&e=%22',
    'http://127.0.0.1:8080/',
  ])('of the kind %j is good', (address) => {
    const [, value = ''] = /href="([^"]*)"/.exec(markup`<a href="${address}">x</a>`.text) ?? [];

    expect(unescape(value)).toBe(address);
  });
});
