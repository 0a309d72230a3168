import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  classifyEra,
  encodeHeader,
  ENVELOPE,
  HEADER_MISMATCH,
  INVALID_PARAMS,
  MODERN_VERSION,
  MODERN_VERSIONS,
  type RequestHeaders,
  UNSUPPORTED_VERSION,
} from '../src/index.ts';

/** A request of the modern era that can be broken. */
interface Draft {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly meta: Record<string, unknown>;
  readonly headers: Record<string, string>;
}

function draft(method = 'tools/call', params: Record<string, unknown> = { name: 'getJiraIssue' }): Draft {
  return {
    method,
    params: { ...params },
    meta: { [ENVELOPE.version]: MODERN_VERSION, [ENVELOPE.capabilities]: {} },
    headers: {
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof params['name'] === 'string' && { 'mcp-name': params['name'] }),
    },
  };
}

function classify({ method, params, meta, headers }: Draft): ReturnType<typeof classifyEra> {
  return classifyEra({ method, params: { ...params, _meta: meta } }, headers);
}

/** One thing that is wrong, by the step at which the specification looks at it. */
interface Breakage {
  readonly step: number;
  readonly what: string;
  readonly apply: (request: Draft) => void;
  readonly code: number;
  readonly message: string;
}

const BREAKAGES: readonly Breakage[] = [
  {
    step: 1,
    what: 'a version that is no text',
    apply: ({ meta }) => void (meta[ENVELOPE.version] = 20_260_728),
    code: INVALID_PARAMS,
    message: `Invalid params: _meta["${ENVELOPE.version}"] must be a text`,
  },
  {
    step: 1,
    what: 'no capabilities',
    apply: ({ meta }) => void delete meta[ENVELOPE.capabilities],
    code: INVALID_PARAMS,
    message: `Invalid params: _meta["${ENVELOPE.capabilities}"] is missing`,
  },
  {
    step: 1,
    what: 'capabilities that are a list',
    apply: ({ meta }) => void (meta[ENVELOPE.capabilities] = []),
    code: INVALID_PARAMS,
    message: `Invalid params: _meta["${ENVELOPE.capabilities}"] is missing`,
  },
  {
    step: 2,
    what: 'no version header',
    apply: ({ headers }) => void delete headers['mcp-protocol-version'],
    code: HEADER_MISMATCH,
    message: 'Header mismatch: MCP-Protocol-Version header is missing',
  },
  {
    step: 2,
    what: 'another version in the header',
    apply: ({ headers }) => void (headers['mcp-protocol-version'] = '2025-11-25'),
    code: HEADER_MISMATCH,
    message: "Header mismatch: MCP-Protocol-Version header value '2025-11-25' does not match body value",
  },
  {
    step: 3,
    what: 'a version that nobody speaks',
    apply({ meta, headers }) {
      meta[ENVELOPE.version] = '1900-01-01';
      headers['mcp-protocol-version'] = '1900-01-01';
    },
    code: UNSUPPORTED_VERSION,
    message: 'Unsupported protocol version',
  },
  {
    step: 4,
    what: 'no method header',
    apply: ({ headers }) => void delete headers['mcp-method'],
    code: HEADER_MISMATCH,
    message: 'Header mismatch: Mcp-Method header is missing',
  },
  {
    step: 4,
    what: 'another method in the header',
    apply: ({ headers }) => void (headers['mcp-method'] = 'tools/list'),
    code: HEADER_MISMATCH,
    message: "Header mismatch: Mcp-Method header value 'tools/list' does not match body value 'tools/call'",
  },
  {
    step: 5,
    what: 'no name header',
    apply: ({ headers }) => void delete headers['mcp-name'],
    code: HEADER_MISMATCH,
    message: 'Header mismatch: Mcp-Name header is missing',
  },
  {
    step: 5,
    what: 'another name in the header',
    apply: ({ headers }) => void (headers['mcp-name'] = 'foo'),
    code: HEADER_MISMATCH,
    message: "Header mismatch: Mcp-Name header value 'foo' does not match body value 'getJiraIssue'",
  },
  {
    step: 5,
    what: 'a name in broken base64',
    apply: ({ headers }) => void (headers['mcp-name'] = '=?base64?Z2V0*?='),
    code: HEADER_MISMATCH,
    message: 'Header mismatch: Mcp-Name header value is not valid base64',
  },
  {
    step: 5,
    what: 'a name in the header alone',
    apply: ({ params }) => void delete params['name'],
    code: HEADER_MISMATCH,
    message: 'Header mismatch: Mcp-Name header has no value in the body to match',
  },
];

const PAIRS = BREAKAGES.flatMap((first) =>
  BREAKAGES.filter((second) => second.step > first.step).map((second) => ({ first, second })),
);

describe('a modern request with', () => {
  it.each(BREAKAGES)('$what is refused with $code', ({ apply, code, message }) => {
    const request = draft();
    apply(request);

    const classified = classify(request);

    expect(classified).toMatchObject({ kind: 'fault', fault: { code } });
    expect(classified.kind === 'fault' && classified.fault.message).toContain(message);
  });

  it.each(PAIRS)('$first.what and $second.what is refused for the first', ({ first, second }) => {
    const request = draft();
    second.apply(request);
    first.apply(request);

    const classified = classify(request);

    expect(classified.kind === 'fault' && classified.fault.message).toContain(first.message);
  });

  it('a version that nobody speaks is told the versions that discovery names', () => {
    const request = draft('server/discover', {});
    request.meta[ENVELOPE.version] = '1900-01-01';
    request.headers['mcp-protocol-version'] = '1900-01-01';

    expect(classify(request)).toEqual({
      kind: 'fault',
      fault: {
        code: UNSUPPORTED_VERSION,
        message: 'Unsupported protocol version',
        data: { supported: MODERN_VERSIONS, requested: '1900-01-01' },
      },
    });
  });
});

describe('the era', () => {
  const LEGACY = { kind: 'legacy' };

  it.each<[string, string, Record<string, unknown>, RequestHeaders]>([
    ['a request of before', 'tools/list', {}, {}],
    ['a request with the old version header', 'tools/list', {}, { 'mcp-protocol-version': '2025-11-25' }],
    ['a header that is no version', 'tools/list', {}, { 'mcp-protocol-version': 'x' }],
    ['a progress token alone', 'tools/call', { name: 'a', _meta: { progressToken: 1 } }, {}],
    ['a _meta that is no object', 'tools/list', { _meta: [MODERN_VERSION] }, {}],
    ['the envelope beside _meta', 'tools/list', { [ENVELOPE.version]: MODERN_VERSION }, {}],
    ['initialize', 'initialize', { protocolVersion: '2025-11-25' }, {}],
    [
      'initialize for the new version',
      'initialize',
      { protocolVersion: MODERN_VERSION },
      { 'mcp-protocol-version': MODERN_VERSION },
    ],
    [
      'what mcp-remote sends: method and name headers in the old era',
      'tools/call',
      { name: 'a' },
      { 'mcp-protocol-version': '2025-11-25', 'mcp-method': 'tools/call', 'mcp-name': 'a' },
    ],
    [
      'method and name headers that contradict the body',
      'tools/call',
      { name: 'a' },
      { 'mcp-method': 'tools/list', 'mcp-name': 'b' },
    ],
  ])('of %s is legacy', (_, method, params, headers) => {
    expect(classifyEra({ method, params }, headers)).toEqual(LEGACY);
  });

  it('of a request with the new version in its header alone is a fault', () => {
    expect(
      classifyEra({ method: 'tools/list', params: {} }, { 'mcp-protocol-version': MODERN_VERSION }),
    ).toEqual({
      kind: 'fault',
      fault: { code: INVALID_PARAMS, message: `Invalid params: _meta["${ENVELOPE.version}"] is missing` },
    });
  });

  it('of initialize with an envelope is modern: the body says so', () => {
    expect(classify(draft('initialize', {}))).toMatchObject({ kind: 'modern' });
  });

  it.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['tools/call', { name: 'a' }, { 'mcp-name': 'a' }],
    ['prompts/get', { name: 'a' }, { 'mcp-name': 'a' }],
    ['resources/read', { uri: 'test://a' }, { 'mcp-name': 'test://a' }],
    ['tools/list', { name: 'unread' }, {}],
    ['constructor', { name: 'unread' }, {}],
    ['__proto__', { name: 'unread' }, {}],
  ])('of %s is modern with the headers that it wants', (method, params, headers) => {
    const request = draft(method, params);
    delete request.headers['mcp-name'];
    Object.assign(request.headers, headers);

    expect(classify(request)).toEqual({ kind: 'modern', capabilities: {}, logLevel: undefined });
  });

  it('tells what the client can do and which logs it wants', () => {
    const request = draft('tools/list', {});
    request.meta[ENVELOPE.capabilities] = { elicitation: { form: {} } };
    request.meta[ENVELOPE.logLevel] = 'info';

    expect(classify(request)).toEqual({
      kind: 'modern',
      capabilities: { elicitation: { form: {} } },
      logLevel: 'info',
    });
  });

  it.each(['', 5, null, {}])('takes a log level that is no text (%j) for none', (level) => {
    const request = draft('tools/list', {});
    request.meta[ENVELOPE.logLevel] = level;

    expect(classify(request)).toMatchObject({ logLevel: typeof level === 'string' ? level : undefined });
  });
});

describe('a name header', () => {
  it.each([
    ['plain', 'getJiraIssue', 'getJiraIssue'],
    ['with white space around it', 'getJiraIssue', ' \tgetJiraIssue '],
    ['in base64', 'füße', '=?base64?ZsO8w59l?='],
    ['in base64 without need', 'abc', '=?base64?YWJj?='],
    ['in base64 with a mark in capitals', 'abc', '=?BASE64?YWJj?='],
    ['that is empty in base64', '', '=?base64??='],
  ])('%s agrees with the body', (_, name, header) => {
    const request = draft('tools/call', { name });
    request.headers['mcp-name'] = header;

    expect(classify(request)).toMatchObject({ kind: 'modern' });
  });

  it.each([
    ['letters in another case', 'getjiraissue'],
    ['base64 of another name', '=?base64?YWJj?='],
    ['base64 without padding', '=?base64?YQ?='],
    ['base64url', '=?base64?-_-_?='],
  ])('with %s does not', (_, header) => {
    const request = draft();
    request.headers['mcp-name'] = header;

    expect(classify(request)).toMatchObject({ kind: 'fault', fault: { code: HEADER_MISMATCH } });
  });

  it('that was written here is read as the same name, and is visible ASCII', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme', minLength: 1 }),
          fc.string({ minLength: 1 }).map((text) => `=?base64?${text}?=`),
          fc.string({ minLength: 1 }).map((text) => ` ${text} `),
        ),
        (name) => {
          const request = draft('tools/call', { name });
          request.headers['mcp-name'] = encodeHeader(name);
          expect(request.headers['mcp-name']).toMatch(/^[\u0021-\u007E](?:[ -~]*[\u0021-\u007E])?$/);
          expect(classify(request)).toMatchObject({ kind: 'modern' });
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
