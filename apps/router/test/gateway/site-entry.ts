import { parseCloudId, type SiteEntry } from '@switchyard/catalogue';

/** A site with this alias; its cloudId ends in the number. */
export function siteEntry(alias: string, number: number, more: Partial<SiteEntry> = {}): SiteEntry {
  const cloudId = parseCloudId(`11111111-aaaa-4aaa-8aaa-${String(number).padStart(12, '0')}`);
  if (cloudId === undefined) throw new TypeError('not a cloudId');
  return {
    cloudId,
    alias,
    url: `https://${alias}.atlassian.net`,
    endpoint: 'https://mcp.atlassian.com/v2/mcp',
    identity: 'personal',
    ...more,
  };
}
