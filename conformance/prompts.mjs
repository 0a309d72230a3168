// The prompts that the suite gets.
import { inputRequired } from '@modelcontextprotocol/server';

import { acceptedText, askForText } from './interactive-tools.mjs';
import { PNG } from './samples.mjs';

/**
 * A row of the prompt table.
 * @typedef {object} FixturePrompt
 * @property {string} name
 * @property {string} description
 * @property {readonly string[]} [args] names of required texts; none: no arguments
 * @property {(args: any, ctx: import('@modelcontextprotocol/server').ServerContext) => any} get
 */

const WORDS = ['paris', 'park', 'party'];

/**
 * What `completion/complete` suggests, for whatever argument.
 * @param {string} typed
 */
export function completions(typed) {
  const values = WORDS.filter((word) => word.startsWith(typed));
  return { completion: { values, total: values.length, hasMore: false } };
}

/** @type {readonly FixturePrompt[]} */
export const PROMPTS = [
  {
    name: 'test_simple_prompt',
    description: 'One message, no arguments',
    get: () => messages({ type: 'text', text: 'This is a simple prompt for testing.' }),
  },
  {
    name: 'test_prompt_with_arguments',
    description: 'One message with both arguments in it',
    args: ['arg1', 'arg2'],
    get: ({ arg1, arg2 }) =>
      messages({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }),
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A resource and a message about it',
    args: ['resourceUri'],
    get: ({ resourceUri: uri }) =>
      messages(
        {
          type: 'resource',
          resource: { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
        },
        { type: 'text', text: 'Please process the embedded resource above.' },
      ),
  },
  {
    name: 'test_prompt_with_image',
    description: 'An image and a message about it',
    get: () =>
      messages(
        { type: 'image', data: PNG, mimeType: 'image/png' },
        { type: 'text', text: 'Please analyze the image above.' },
      ),
  },
  {
    name: 'test_input_required_result_prompt',
    description: 'Asks for the context first',
    get: (_args, { mcpReq }) => {
      const context = acceptedText(mcpReq.inputResponses, 'user_context', 'context');
      if (context !== undefined) return messages({ type: 'text', text: `Context: ${context}` });
      const ask = askForText('What context should the prompt use?', 'context');
      return inputRequired({ inputRequests: { user_context: ask } });
    },
  },
];

/** @param {readonly object[]} contents */
function messages(...contents) {
  return { messages: contents.map((content) => ({ role: 'user', content })) };
}
