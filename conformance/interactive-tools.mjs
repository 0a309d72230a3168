// The tools of the fixture that ask the client for something. Each is written once, for both eras: where 2026-07-28
// answers `input_required`, the SDK asks a 2025-11-25 client by a request of its own and calls the tool again.
import { acceptedContent, inputRequired, inputResponse } from '@modelcontextprotocol/server';

import { textResult } from './samples.mjs';

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

/**
 * Tools that elicit, sample and list roots.
 * @param {object} options
 * @param {import('@modelcontextprotocol/server').McpServer} options.server the server that will call them
 * @param {import('@modelcontextprotocol/server').RequestStateCodec} options.stateCodec seals what goes from round to round
 * @returns {readonly import('./fixture-server.mjs').FixtureTool[]}
 */
export function createInteractiveTools({ server, stateCodec }) {
  return [...ONE_ROUND_TOOLS, ...statefulTools(stateCodec), capabilitiesTool(server)];
}

/**
 * An elicitation of one text.
 * @param {string} message @param {string} field
 */
export function askForText(message, field) {
  return ask(message, { [field]: { type: 'string' } });
}

/**
 * The text that was given to an elicitation; undefined: none.
 * @param {Record<string, unknown> | undefined} responses @param {string} key @param {string} field
 * @returns {string | undefined}
 */
export function acceptedText(responses, key, field) {
  const text = acceptedContent(responses, key)?.[field];
  return typeof text === 'string' ? text : undefined;
}

/** @param {string} message @param {Record<string, object>} properties */
function ask(message, properties) {
  const requestedSchema = { type: 'object', properties, required: Object.keys(properties) };
  return inputRequired.elicit({ message, requestedSchema });
}

/** @param {string} text @param {number} [maxTokens] */
function sample(text, maxTokens = 100) {
  return inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens,
  });
}

/**
 * A tool that asks one thing and answers with what it got.
 * @param {object} row
 * @param {string} row.name
 * @param {string} row.description
 * @param {Record<string, unknown>} [row.inputSchema]
 * @param {string} row.key under which the question goes out
 * @param {(args: any) => import('@modelcontextprotocol/server').InputRequest} row.question
 * @param {(answer: any) => string | undefined} row.answer `undefined`: that was no answer, ask again
 */
function oneRound({ key, question, answer, ...row }) {
  return {
    ...row,
    call: (args, { mcpReq }) => {
      const text = answer(inputResponse(mcpReq.inputResponses, key));
      return text === undefined
        ? inputRequired({ inputRequests: { [key]: question(args) } })
        : textResult(text);
    },
  };
}

const elicited = (view, say) => (view.kind === 'elicit' ? say(view) : undefined);
const accepted = (view, say) =>
  view.kind === 'elicit' && view.action === 'accept' ? say(view.content ?? {}) : undefined;
const sampled = (view, say) =>
  view.kind === 'sampling'
    ? say(
        [view.result.content]
          .flat()
          .map(({ text }) => text)
          .join(''),
      )
    : undefined;

const completed = (view) =>
  elicited(
    view,
    ({ action, content }) => `Elicitation completed: action=${action}, content=${JSON.stringify(content)}`,
  );

const DEFAULTS = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
};

const OPTIONS = ['option1', 'option2', 'option3'];
const TITLED_OPTIONS = [
  { const: 'value1', title: 'First Option' },
  { const: 'value2', title: 'Second Option' },
  { const: 'value3', title: 'Third Option' },
];
const ENUMS = {
  untitledSingle: { type: 'string', enum: OPTIONS },
  titledSingle: { type: 'string', oneOf: TITLED_OPTIONS },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: { type: 'array', items: { type: 'string', enum: OPTIONS } },
  titledMulti: { type: 'array', items: { anyOf: TITLED_OPTIONS } },
};

const MESSAGE = { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] };
const PROMPT = { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] };

const ONE_ROUND_TOOLS = [
  oneRound({
    name: 'test_sampling',
    description: 'Lets the client ask its model',
    inputSchema: PROMPT,
    key: 'answer',
    question: ({ prompt }) => sample(prompt),
    answer: (view) => sampled(view, (text) => `LLM response: ${text}`),
  }),
  oneRound({
    name: 'test_elicitation',
    description: 'Asks the user for a name and an address',
    inputSchema: MESSAGE,
    key: 'answer',
    question: ({ message }) =>
      ask(message, {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" },
      }),
    answer: (view) =>
      elicited(
        view,
        ({ action, content }) => `User response: action=${action}, content=${JSON.stringify(content)}`,
      ),
  }),
  oneRound({
    name: 'test_elicitation_sep1034_defaults',
    description: 'Asks with a default for every primitive type',
    key: 'answer',
    question: () => ask('Please review and update the form fields with defaults', DEFAULTS),
    answer: completed,
  }),
  oneRound({
    name: 'test_elicitation_sep1330_enums',
    description: 'Asks with every kind of choice',
    key: 'answer',
    question: () => ask('Please select options from the enum fields', ENUMS),
    answer: completed,
  }),
  oneRound({
    name: 'test_streaming_elicitation',
    description: 'Asks the user to confirm',
    key: 'confirm',
    question: () => ask('Please confirm', { ok: { type: 'boolean' } }),
    answer: completed,
  }),
  oneRound({
    name: 'test_missing_capability',
    description: 'Works for clients with a model only',
    key: 'answer',
    question: () => sample('Say hello'),
    answer: (view) => sampled(view, (text) => text),
  }),
  oneRound({
    name: 'test_input_required_result_elicitation',
    description: 'Asks for a name',
    key: 'user_name',
    question: () => askForText('What is your name?', 'name'),
    answer: (view) => accepted(view, ({ name }) => `Hello, ${name}!`),
  }),
  oneRound({
    name: 'test_input_required_result_sampling',
    description: 'Asks the model of the client',
    key: 'capital_question',
    question: () => sample('What is the capital of France?'),
    answer: (view) => sampled(view, (text) => text),
  }),
  oneRound({
    name: 'test_input_required_result_list_roots',
    description: 'Asks for the roots of the client',
    key: 'client_roots',
    question: () => inputRequired.listRoots(),
    answer: (view) =>
      view.kind === 'roots' ? `Roots: ${view.roots.map(({ uri }) => uri).join(', ')}` : undefined,
  }),
];

const confirm = () => ({ confirm: ask('Please confirm', { ok: { type: 'boolean' } }) });
const everything = () => ({
  user_name: askForText('What is your name?', 'name'),
  greeting: sample('Generate a greeting', 50),
  client_roots: inputRequired.listRoots(),
});

/** @param {import('@modelcontextprotocol/server').RequestStateCodec} stateCodec */
function statefulTools(stateCodec) {
  const tool = (name, description, questions) => ({
    name,
    description,
    call: async (_args, { mcpReq }) => {
      const state = mcpReq.requestState();
      const inputRequests = questions();
      const complete = Object.keys(inputRequests).every((key) => key in (mcpReq.inputResponses ?? {}));
      if (state?.asked === name && complete) return textResult('state-ok');
      return inputRequired({ inputRequests, requestState: await stateCodec.mint({ asked: name }) });
    },
  });
  return [
    tool('test_input_required_result_request_state', 'Carries a state to the second round', confirm),
    tool('test_input_required_result_tampered_state', 'Refuses a state that was changed', confirm),
    tool('test_input_required_result_multiple_inputs', 'Asks three things at once', everything),
    multiRoundTool(stateCodec),
  ];
}

/** @param {import('@modelcontextprotocol/server').RequestStateCodec} stateCodec */
function multiRoundTool(stateCodec) {
  const again = async (key, question, state) =>
    inputRequired({ inputRequests: { [key]: question }, requestState: await stateCodec.mint(state) });
  return {
    name: 'test_input_required_result_multi_round',
    description: 'Asks a second time after the first answer',
    call: async (_args, { mcpReq }) => {
      const state = mcpReq.requestState() ?? {};
      const name = state.name ?? acceptedText(mcpReq.inputResponses, 'step1', 'name');
      const color = acceptedText(mcpReq.inputResponses, 'step2', 'color');
      if (state.name !== undefined && color !== undefined) return textResult(`${name} likes ${color}.`);
      return name === undefined
        ? again('step1', askForText('Step 1: What is your name?', 'name'), { round: 1 })
        : again('step2', askForText('Step 2: What is your favorite color?', 'color'), { round: 2, name });
    },
  };
}

/** @param {import('@modelcontextprotocol/server').McpServer} server */
function capabilitiesTool(server) {
  return {
    name: 'test_input_required_result_capabilities',
    description: 'Asks only what the client can answer',
    call: (_args, { mcpReq }) => {
      if (mcpReq.inputResponses) return textResult('Thank you.');
      const able = mcpReq.envelope?.[CAPABILITIES] ?? server.server.getClientCapabilities() ?? {};
      const inputRequests = {
        ...(able.elicitation && { user_name: askForText('What is your name?', 'name') }),
        ...(able.sampling && { greeting: sample('Generate a greeting') }),
        ...(able.roots && { client_roots: inputRequired.listRoots() }),
      };
      if (Object.keys(inputRequests).length === 0) return textResult('Nothing to ask.');
      return inputRequired({ inputRequests });
    },
  };
}
