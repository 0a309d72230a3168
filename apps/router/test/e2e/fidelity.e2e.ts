import { afterEach, describe, expect, it } from 'vitest';

import { type Estate, startEstate } from './estate.ts';

let estate: Estate;
afterEach(() => estate.close());

const SITES = [{ name: 'eng', alias: 'eng' }] as const;
const DEFINITION = '{"name":"rawTool","description":"raw","inputSchema":{"type":"object"}}';

/** The text of `result` in a response whose id is 1. */
function resultText(text: string): string {
  const match =
    /^\{"jsonrpc":"2\.0","id":1,"result":(.*)\}$/s.exec(text) ??
    /^\{"result":(.*),"jsonrpc":"2\.0","id":1\}$/s.exec(text);
  return match?.[1] ?? text;
}

const RESULTS: readonly (readonly [string, string])[] = [
  [
    'unknown fields everywhere',
    '{"content":[{"type":"text","text":"x","vendor":{"a":[1,{}]}}],"unknown":{"deep":[null,true]},"isError":false}',
  ],
  [
    'integers above 2^53, 1.0 and exponents',
    '{"content":[],"structuredContent":{"id":9007199254740993,"one":1.0,"tiny":1E-7,"big":123456789012345678901234567890}}',
  ],
  [
    'U+2028, U+2029, escapes and emoji',
    '{"content":[{"type":"text","text":"a\u2028b\u2029c \\u0041 \\/ \u{1f600}"}]}',
  ],
  ['a key twice', '{"content":[],"structuredContent":{"a":1,"a":2}}'],
  ['white space', '{ "content" : [ ] , "structuredContent" : [ 1 , 2 ] }'],
  ['array and scalar structuredContent', '{"content":[],"structuredContent":[1,"x",null]}'],
  [
    'bytes that look like an envelope',
    '{"content":[{"type":"text","text":"{\\"jsonrpc\\":\\"2.0\\",\\"id\\":7,\\"error\\":{}}"}],"structuredContent":{"id":"sy-1-x","isError":true}}',
  ],
  ['an unknown content type', '{"content":[{"type":"hologram","data":"…"}],"_meta":{"vendor/x":1}}'],
];

describe.each([
  ['JSON, id first', {}],
  ['JSON, id last', { idLast: true }],
  ['server-sent events', { framing: 'sse' }],
] as const)('a result that comes as %s', (_, settings) => {
  it.each(RESULTS)('arrives as upstream sent it: %s', async (_, result) => {
    estate = await startEstate({
      sites: SITES,
      emulator: { settings, rawTools: [{ generation: 'v2', definition: DEFINITION, result }] },
    });
    const { text } = await estate.call('eng__rawTool');
    expect(resultText(text)).toBe(result);
  });

  it('arrives whole at 5 MB', async () => {
    const result = JSON.stringify({ content: [{ type: 'text', text: 'ä"\\\n'.repeat(1_000_000) }] });
    estate = await startEstate({
      sites: SITES,
      emulator: { settings, rawTools: [{ generation: 'v2', definition: DEFINITION, result }] },
    });
    const { text } = await estate.call('eng__rawTool');
    expect(resultText(text) === result).toBe(true);
  });
});

describe('ids', () => {
  it.each(['"text"', '""', '0', '-7', '9007199254740993', '"\\u0041\u2028"', '"a\\"b"'])(
    '%s comes back as it was written',
    async (id) => {
      estate = await startEstate({ sites: SITES });
      const response = await fetch(`${estate.url}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('alice@demo.example:demo-alice-token').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"eng__getJiraIssue","arguments":{"issueIdOrKey":"ENG-1"}}}`,
      });
      expect(await response.text()).toContain(`"id":${id},`);
    },
  );
});

describe('arguments', () => {
  it('reach the site as the client wrote them, numbers and escapes included', async () => {
    estate = await startEstate({
      sites: SITES,
      emulator: { rawTools: [{ generation: 'v2', definition: DEFINITION, result: '{"content":[]}' }] },
    });
    const response = await fetch(`${estate.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('alice@demo.example:demo-alice-token').toString('base64')}`,
        'content-type': 'application/json',
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"eng__rawTool","arguments":{"x":"\u2028","n":1},"_meta":{"vendor/trace":"t"}}}',
    });
    expect(response.status).toBe(200);
    const sent = estate.emulator.control.requests().findLast(({ tool }) => tool === 'rawTool');
    expect(sent?.arguments).toEqual({ x: '\u2028', n: 1 });
    expect(sent?.params).toMatchObject({ _meta: { 'vendor/trace': 't' } });
  });
});

describe('definitions', () => {
  const definition =
    '{"name":"rawTool","description":"raw","icons":[{"src":"data:,x","vendor":1}],"securitySchemes":[{"type":"oauth2"}],"inputSchema":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"cloudId":{"type":"string"},"any":true,"none":false,"n":{"type":"integer","maximum":9223372036854775807,"default":1.0},"r":{"$ref":"#/$defs/r"}},"required":["cloudId","n"],"additionalProperties":false,"$defs":{"r":{"type":["string","null"]}}},"outputSchema":{"type":"object","properties":{"x":true}},"_meta":{"vendor/ui":"u"},"annotations":{"title":"Raw","openWorldHint":false}}';

  it('keep every byte but the name, the bracket, cloudId and what Switchyard adds', async () => {
    estate = await startEstate({
      sites: SITES,
      emulator: { rawTools: [{ generation: 'v2', definition, result: '{"content":[]}' }] },
    });
    const { text } = await estate.request({ id: 1, method: 'tools/list' });

    for (const kept of [
      '"icons":[{"src":"data:,x","vendor":1}],"securitySchemes":[{"type":"oauth2"}]',
      '"properties":{"any":true,"none":false,"n":{"type":"integer","maximum":9223372036854775807,"default":1.0},"r":{"$ref":"#/$defs/r"}},"required":["n"],"additionalProperties":false,"$defs":{"r":{"type":["string","null"]}}}',
      '"outputSchema":{"type":"object","properties":{"x":true}}',
      '"_meta":{"vendor/ui":"u","switchyard/site":"eng"',
      '"annotations":{"title":"Raw","openWorldHint":false,"readOnlyHint":false',
      '"description":"[eng] raw"',
    ]) {
      expect(text).toContain(kept);
    }
  });

  it('fill cloudId in where additionalProperties is false, and leave it out where there is none', async () => {
    estate = await startEstate({
      sites: SITES,
      emulator: { rawTools: [{ generation: 'v2', definition, result: '{"content":[]}' }] },
    });
    await estate.call('eng__rawTool', { n: 1 });
    await estate.call('eng__atlassianUserInfo', {});
    const sent = estate.emulator.control.requests().filter(({ method }) => method === 'tools/call');
    expect(sent.at(-2)?.arguments).toEqual({ n: 1, cloudId: '11111111-aaaa-4aaa-8aaa-000000000001' });
    expect(sent.at(-1)?.arguments).toEqual({});
  });
});
