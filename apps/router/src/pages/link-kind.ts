/** How a person's account on a site is linked. */
export type LinkKind = 'oauth' | 'token';

/** What each kind of link is called on the pages. */
export const LINK_LABELS: Readonly<Record<LinkKind, string>> = {
  oauth: 'Atlassian sign-in',
  token: 'API token',
};
