/** Tools of Switchyard's own: always listed, never namespaced, answered without any upstream call. */
export const SITES_TOOL = 'switchyard_sites';

/** The definitions' JSON texts, in the order of the list. */
export const OWN_TOOLS: readonly string[] = [
  JSON.stringify({
    name: SITES_TOOL,
    title: 'Connected Atlassian sites',
    description:
      'Lists the Atlassian sites behind this connector: their names as used in tool names, their state, how many tools each offers, and what to do about a site that has trouble.',
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
    outputSchema: {
      type: 'object',
      properties: { sites: { type: 'array', items: { type: 'object' } } },
      required: ['sites'],
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
  }),
];
