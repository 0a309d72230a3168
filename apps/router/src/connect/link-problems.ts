import { UNDER_SCOPED_REASON } from '@switchyard/catalogue';
import type { LinkProblem } from '@switchyard/identity';

/** What a person is told. `field`: which one of the token form it is about. */
export interface ProblemText {
  readonly status: number;
  readonly title: string;
  readonly message: string;
  readonly whatToDo: string;
  readonly field?: 'email' | 'token' | 'expires';
}

/** What the texts are about. */
export interface ProblemFacts {
  readonly site: { readonly title: string; readonly url: string };
  /** What the credential opens instead, as far as this Switchyard knows it. */
  readonly otherSites?: readonly string[];
  /** This Switchyard's own address, for allowlists at Atlassian. */
  readonly publicUrl: string;
  /** The signed-in person's address. */
  readonly email?: string;
}

type Row = (facts: ProblemFacts) => ProblemText;

const AGAIN = 'Try again in a few minutes. If it goes on, tell your administrator.';
const NOTHING_LINKED = 'Nothing was linked';

/** Every way in which linking can fail, and the way out of it. */
const ROWS: Readonly<Record<LinkProblem | 'too_many_attempts', Row>> = {
  unreachable: () => ({
    status: 502,
    title: 'Atlassian did not answer',
    message: "Atlassian's sign-in could not be reached. Nothing was linked.",
    whatToDo: AGAIN,
  }),
  metadata_refused: ({ site }) => ({
    status: 502,
    title: NOTHING_LINKED,
    message: `What ${site.title} says about its sign-in breaks a rule of the protocol, so Switchyard does not go there.`,
    whatToDo:
      'Tell your administrator; the log says which rule. The site may need another endpoint in the configuration (https://mcp.atlassian.com/v2/mcp), or you can link with an API token.',
  }),
  not_offered: () => ({
    status: 502,
    title: NOTHING_LINKED,
    message: "The site's sign-in takes no new applications.",
    whatToDo: 'Link with an API token, or ask your administrator to register Switchyard there.',
  }),
  registration_refused: () => ({
    status: 502,
    title: NOTHING_LINKED,
    message: "Atlassian's sign-in did not take Switchyard as an application.",
    whatToDo: AGAIN,
  }),
  domain_refused: ({ publicUrl }) => ({
    status: 403,
    title: 'Your organization must allow this Switchyard',
    message: `Your Atlassian organization does not let ${publicUrl} connect.`,
    whatToDo: `Ask an Atlassian organization admin to add ${publicUrl}/** at admin.atlassian.com: Rovo → Rovo MCP server → Domains. Then try again.`,
  }),
  attempt_unknown: () => ({
    status: 400,
    title: 'This attempt cannot be finished',
    message:
      'It is older than 10 minutes, was finished already, or was begun in another browser or by another person.',
    whatToDo: 'Begin again from your list of sites, and stay in one browser.',
  }),
  denied: ({ site }) => ({
    status: 403,
    title: NOTHING_LINKED,
    message: `You did not let Switchyard into ${site.title}.`,
    whatToDo: 'If you want to link the site, begin again and choose Accept at Atlassian.',
  }),
  answer_refused: () => ({
    status: 502,
    title: NOTHING_LINKED,
    message: 'The answer did not come from the server that was asked, so it was not used.',
    whatToDo: 'Begin again. If it happens twice, tell your administrator: somebody may be in between.',
  }),
  exchange_refused: () => ({
    status: 502,
    title: NOTHING_LINKED,
    message: 'Atlassian ended the attempt.',
    whatToDo: 'Begin again from your list of sites.',
  }),
  bad_credential: () => ({
    status: 422,
    title: NOTHING_LINKED,
    message: 'Atlassian does not know this e-mail address and token together.',
    whatToDo: 'Check both, or create a new token. Tokens expire, and are copied without spaces or line ends.',
    field: 'token',
  }),
  wrong_kind: () => ({
    status: 422,
    title: NOTHING_LINKED,
    message: 'Atlassian knows this credential, but it is not of a kind that opens tools.',
    whatToDo: 'Create a scoped API token for the Rovo MCP app; organization admin keys are not supported.',
    field: 'token',
  }),
  disabled_upstream: ({ site }) => ({
    status: 403,
    title: NOTHING_LINKED,
    message: `The Atlassian organization of ${site.title} does not take API tokens for its MCP server.`,
    whatToDo:
      'Link with the Atlassian sign-in, or ask an organization admin: admin.atlassian.com, Rovo → Rovo MCP server → Authentication.',
  }),
  ip_refused_upstream: ({ site }) => ({
    status: 403,
    title: NOTHING_LINKED,
    message: `The IP allowlist of ${site.title} refused Switchyard's address.`,
    whatToDo: 'Ask an Atlassian organization admin to add the address that Switchyard calls from.',
  }),
  wrong_site: ({ site, otherSites = [] }) => ({
    status: 422,
    title: 'That was another site',
    message:
      otherSites.length > 0
        ? `You opened ${otherSites.join(', ')}, not ${site.title}. Nothing was linked.`
        : `What you gave opens other sites, not ${site.title}. Nothing was linked.`,
    whatToDo: `Begin again and choose ${new URL(site.url).host} in Atlassian's list of sites. If it is not in the list, your account has no access to it: ask an admin of that site.`,
    field: 'token',
  }),
  other_account: ({ email }) => ({
    status: 403,
    title: 'That is another account',
    message:
      email === undefined
        ? 'The Atlassian account has another e-mail address than you. Nothing was linked.'
        : `The Atlassian account has another e-mail address than yours, ${email}. Nothing was linked.`,
    whatToDo:
      'Sign out at Atlassian (id.atlassian.com), begin again and sign in with your own account. If your own account there has another address, ask your administrator to allow it (links.allowOtherAccounts).',
    field: 'email',
  }),
  under_scoped: () => ({
    status: 422,
    title: 'The credential opens nothing',
    message: UNDER_SCOPED_REASON,
    whatToDo: 'Create a scoped token for the Rovo MCP app with all its scopes, or use the Atlassian sign-in.',
    field: 'token',
  }),
  unverified: ({ site }) => ({
    status: 502,
    title: `${site.title} did not answer`,
    message: 'The credential could not be checked with a real call, so it was not kept.',
    whatToDo: AGAIN,
  }),
  malformed: () => ({
    status: 422,
    title: NOTHING_LINKED,
    message: 'This cannot be an e-mail address and an API token.',
    whatToDo: 'Copy the token whole, without spaces or line ends, and the address of your Atlassian account.',
    field: 'token',
  }),
  expired: () => ({
    status: 422,
    title: NOTHING_LINKED,
    message: 'The day on which the token expires is over.',
    whatToDo: 'Create a new token, or correct the day.',
    field: 'expires',
  }),
  no_such_site: () => ({
    status: 404,
    title: NOTHING_LINKED,
    message: 'The site is no longer open to you.',
    whatToDo: 'Ask your administrator for access.',
  }),
  too_many_attempts: () => ({
    status: 429,
    title: 'Too many attempts',
    message: 'You have tried too often in a short time.',
    whatToDo: 'Wait ten minutes, then try again.',
  }),
};

/** The words for what went wrong, and the HTTP status of the page. */
export function problemText(problem: LinkProblem | 'too_many_attempts', facts: ProblemFacts): ProblemText {
  return ROWS[problem](facts);
}
