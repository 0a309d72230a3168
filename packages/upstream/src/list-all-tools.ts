import { elements, memberText } from '@switchyard/json-text';

import { UpstreamError } from './upstream-error.ts';

const MAX_PAGES = 100;

/**
 * Every page of a site's tools as the JSON text of one array, each definition byte for byte as
 * upstream sent it. `page` asks for one page and returns the whole response. Throws UpstreamError.
 */
export async function listAllTools(
  page: (paramsText: string) => Promise<string>,
  host: string,
): Promise<string> {
  const tools: string[] = [];
  const seen = new Set<string>();
  let paramsText = '{}';
  for (let count = 0; count < MAX_PAGES; count += 1) {
    const result = resultOf(checked(await page(paramsText), host), host);
    const pageTools = elements(memberText(result, 'tools') ?? '');
    if (!pageTools) throw new UpstreamError('garbled', `${host} sent a tools/list result without "tools"`);
    tools.push(...pageTools);
    const cursor = memberText(result, 'nextCursor');
    // The empty string is a cursor; a cursor that comes again would never end.
    if (cursor === undefined || cursor === 'null' || seen.has(cursor)) return `[${tools.join(',')}]`;
    seen.add(cursor);
    paramsText = `{"cursor":${cursor}}`;
  }
  throw new UpstreamError('garbled', `${host} sent more than ${MAX_PAGES} pages of tools`);
}

/** Everything behind this cuts the text up and takes it for valid JSON. */
function checked(response: string, host: string): string {
  try {
    JSON.parse(response);
    return response;
  } catch {
    throw new UpstreamError('garbled', `${host} sent a tools/list response that is not JSON`);
  }
}

function resultOf(response: string, host: string): string {
  const result = memberText(response, 'result');
  if (result !== undefined) return result;
  const error = memberText(response, 'error') ?? '{}';
  const code = memberText(error, 'code');
  if (code === '-32601') {
    throw new UpstreamError('wrong_credential', `${host} has no tools for this kind of credential (-32601)`);
  }
  throw new UpstreamError('garbled', `${host} refused tools/list with error ${code ?? 'without a code'}`);
}
