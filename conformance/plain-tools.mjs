// The tools of the fixture that need nothing from the client.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { PNG, textResult, WAV } from './samples.mjs';

/** Between two notifications, as the suite's scenarios describe it. */
const STEP_MS = 50;

/**
 * Content of every kind, errors, notifications, schemas, and the two tools by which Switchyard verifies a credential.
 * @param {{cloudId: string, changes: {tools: () => void, prompts: () => void}}} options
 * @returns {readonly import('./fixture-server.mjs').FixtureTool[]}
 */
export function createPlainTools({ cloudId, changes }) {
  return [
    ...platformTools(cloudId),
    ...CONTENT_TOOLS,
    ...NOTIFYING_TOOLS,
    ...SCHEMA_TOOLS,
    ...changeTools(changes),
  ];
}

/** @param {string} cloudId */
function platformTools(cloudId) {
  const user = { account_id: 'fixture', email: 'fixture@example.test' };
  const sites = [{ id: cloudId, url: 'https://fixture.atlassian.net', name: 'Fixture' }];
  return [
    {
      name: 'atlassianUserInfo',
      description: 'Who the caller is',
      call: () => textResult(JSON.stringify(user)),
    },
    {
      name: 'getAccessibleAtlassianResources',
      description: 'The sites that the caller reaches',
      call: () => textResult(JSON.stringify(sites)),
    },
  ];
}

const IMAGE = { type: 'image', data: PNG, mimeType: 'image/png' };

const CONTENT_TOOLS = [
  {
    name: 'test_simple_text',
    description: 'Answers with a text',
    call: () => textResult('This is a simple text response for testing.'),
  },
  { name: 'test_image_content', description: 'Answers with an image', call: () => ({ content: [IMAGE] }) },
  {
    name: 'test_audio_content',
    description: 'Answers with a sound',
    call: () => ({ content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }] }),
  },
  {
    name: 'test_embedded_resource',
    description: 'Answers with a resource',
    call: () => ({
      content: [resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
    }),
  },
  {
    name: 'test_multiple_content_types',
    description: 'Answers with a text, an image and a resource',
    call: () => ({
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        IMAGE,
        resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ],
    }),
  },
  {
    name: 'test_error_handling',
    description: 'Always fails',
    call: () => ({ ...textResult('This tool intentionally returns an error for testing'), isError: true }),
  },
];

/** @param {string} uri @param {string} mimeType @param {string} text */
function resource(uri, mimeType, text) {
  return { type: 'resource', resource: { uri, mimeType, text } };
}

const NOTIFYING_TOOLS = [
  {
    name: 'test_tool_with_logging',
    description: 'Logs three messages',
    call: async (_args, { mcpReq }) => {
      await mcpReq.log('info', 'Tool execution started');
      await wait(STEP_MS);
      await mcpReq.log('info', 'Tool processing data');
      await wait(STEP_MS);
      await mcpReq.log('info', 'Tool execution completed');
      return textResult('Logged three messages.');
    },
  },
  {
    name: 'test_logging_tool',
    description: 'Logs one message, for whoever asked for messages',
    call: async (_args, { mcpReq }) => {
      await mcpReq.log('info', 'A message');
      return textResult('Logged one message.');
    },
  },
  {
    name: 'test_tool_with_progress',
    description: 'Tells its progress three times',
    call: async (_args, { mcpReq }) => {
      for (const progress of [0, 50, 100]) {
        await tellProgress(mcpReq, progress);
        await wait(STEP_MS);
      }
      return textResult('Told the progress three times.');
    },
  },
  {
    name: 'test_reconnection',
    description: 'Closes its stream before it answers',
    call: async (_args, { http }) => {
      http?.closeSSE?.();
      await wait(STEP_MS);
      return textResult('Answered after the stream was closed.');
    },
  },
];

/** @param {import('@modelcontextprotocol/server').ServerContext['mcpReq']} mcpReq @param {number} progress */
async function tellProgress({ _meta, notify }, progress) {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return;
  await notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
}

/** A file, for its `then` is a keyword of JSON Schema and not a promise. */
const MODERN_SCHEMA = JSON.parse(readFileSync(new URL('json-schema-2020-12.json', import.meta.url), 'utf8'));

const SCHEMA_TOOLS = [
  {
    name: 'json_schema_2020_12_tool',
    description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: MODERN_SCHEMA,
    call: (args) => textResult(JSON.stringify(args)),
  },
  {
    name: 'test_param_header',
    description: 'Has an argument that travels as a header as well',
    inputSchema: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
      required: ['region'],
    },
    call: ({ region }) => textResult(`Region: ${region}`),
  },
];

/** @param {{tools: () => void, prompts: () => void}} changes */
function changeTools(changes) {
  return [
    {
      name: 'test_trigger_tool_change',
      description: 'Says that the tools have changed',
      call: () => {
        changes.tools();
        return textResult('Said it.');
      },
    },
    {
      name: 'test_trigger_prompt_change',
      description: 'Says that the prompts have changed',
      call: () => {
        changes.prompts();
        return textResult('Said it.');
      },
    },
  ];
}
