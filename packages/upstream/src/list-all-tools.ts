import type { ToolPage } from './tool-pages.ts';
import { UpstreamError } from './upstream-error.ts';

const MAX_PAGES = 100;

/**
 * Every page of a site's tools as the JSON text of one array, each definition byte for byte as
 * upstream sent it. `page` asks for one page. Throws UpstreamError.
 */
export async function listAllTools(
  page: (paramsText: string) => Promise<ToolPage>,
  host: string,
): Promise<string> {
  const lists: string[] = [];
  const seen = new Set<string>();
  let paramsText = '{}';
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const { tools, cursor } = await page(paramsText);
    lists.push(tools);
    // The empty string is a cursor; a cursor that comes again would never end.
    if (cursor === undefined || seen.has(cursor)) return joined(lists);
    seen.add(cursor);
    paramsText = `{"cursor":${cursor}}`;
  }
  throw new UpstreamError('garbled', `${host} sent more than ${MAX_PAGES} pages of tools`);
}

/** A list of one page is that page's own text: the same text for all who have it. */
function joined(lists: readonly string[]): string {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  const insides = lists.map((list) => list.slice(1, -1).trim()).filter((inside) => inside !== '');
  return `[${insides.join(',')}]`;
}
