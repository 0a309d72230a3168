// The resources that the suite reads.
import { PNG } from './samples.mjs';

/** Resources with an address of their own. */
export const RESOURCES = [
  {
    name: 'static-text',
    uri: 'test://static-text',
    description: 'A text that never changes',
    mimeType: 'text/plain',
    content: { text: 'This is the content of the static text resource.' },
  },
  {
    name: 'static-binary',
    uri: 'test://static-binary',
    description: 'An image that never changes',
    mimeType: 'image/png',
    content: { blob: PNG },
  },
  {
    name: 'watched-resource',
    uri: 'test://watched-resource',
    description: 'A text to subscribe to',
    mimeType: 'text/plain',
    content: { text: 'Watched.' },
  },
];

/** One resource for every id. */
export const TEMPLATE = {
  name: 'template',
  uriTemplate: 'test://template/{id}/data',
  description: 'Data of an id',
  mimeType: 'application/json',
  read: (/** @type {string} */ id) => JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
};
