import { z } from 'zod';

import { confirm, products, projects, spaces, tools } from './site-schema.ts';

const names = z.array(z.string().min(1)).min(1, 'must name at least one');

/** One entry of `rules`: for whom and where, and what is taken away there. */
export const rule = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(80)
    .optional()
    .describe('What an explanation calls it. Omitted: its place in the list.'),
  sites: names.optional().describe('Only at these sites, by alias, cloudId or host name.'),
  groups: names
    .optional()
    .describe(
      'Only for members of these groups; also for callers whose groups are not known: API tokens tell none.',
    ),
  callers: names
    .optional()
    .describe('Only for these e-mail globs; also for callers whose address is not known.'),
  clients: names
    .optional()
    .describe('Only through these OAuth clients or enrolled tokens: globs on their ids.'),
  views: names.optional().describe('Only on these views.'),
  block: z.literal(true).optional().describe('The sites are as if they were not there.'),
  readOnly: z.literal(true).optional().describe('Only tools that read.'),
  products: products.optional(),
  tools: tools.optional(),
  projects: projects.optional(),
  spaces: spaces.optional(),
  confirm: confirm.optional(),
});
