import type { Site } from '@switchyard/catalogue';

/** A person's own page of a site: a link that is of no use to anybody who is not signed in as that person. */
export interface MissingLink {
  readonly url: string;
  /** One or two sentences for a tool result, with the link. */
  readonly text: string;
}

/** The last parts of paths below `/connect` that are no sites. */
const TAKEN: ReadonlySet<string> = new Set(['atlassian', 'clients', 'sign-out', 'client-metadata.json']);

/** How a site is called in addresses below `/connect`. */
export function connectName({ name, cloudId }: Pick<Site, 'name' | 'cloudId'>): string {
  return TAKEN.has(name) ? cloudId : name;
}

/** What to tell whoever has no link, or one that has ended, to a site. */
export function missingLink(
  site: Pick<Site, 'name' | 'cloudId' | 'title'>,
  { publicUrl, ended = false }: { readonly publicUrl: string; readonly ended?: boolean },
): MissingLink {
  const url = `${publicUrl}/connect/${connectName(site)}`;
  const state = ended
    ? `Your link to ${site.title} has ended and must be renewed.`
    : `You have not linked ${site.title} yet.`;
  return { url, text: `${state} Open ${url} in your browser, sign in and link it, then try again.` };
}
