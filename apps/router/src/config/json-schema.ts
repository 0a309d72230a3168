import { z } from 'zod';

import { ConfigFile } from './schema.ts';

/** The configuration's JSON Schema (draft 2020-12), for editors and for the reference page. */
export function configSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(ConfigFile, { io: 'input' });
  return { title: 'Switchyard configuration', description: 'switchyard.yaml', ...schema };
}
