import { renderConnect } from '../../src/pages/connect.ts';
import { renderConnections } from '../../src/pages/connections.ts';
import { renderConsent } from '../../src/pages/consent.ts';
import { renderHandOver } from '../../src/pages/hand-over.ts';
import { renderLinkSite } from '../../src/pages/link-site.ts';
import { renderMessage, renderOAuthError, renderSignedOut } from '../../src/pages/message.ts';

/** Every text that comes from outside goes through it: a test can put another in its place. */
type Say = (plain: string) => string;

const CSRF = 'kq3v-Xk2mQ7';
const DAY = 86_400_000;
const NOVEMBER = Date.UTC(2026, 10, 3, 9, 30);

function sites(say: Say) {
  const common = { shared: false, readOnly: false, linked: true };
  return [
    {
      ...common,
      value: 'eng',
      name: 'eng',
      title: say('Alpha Engineering'),
      url: say('https://alpha-eng.atlassian.net'),
    },
    {
      ...common,
      value: 'ops',
      name: 'ops',
      title: say('Beta Operations'),
      url: say('https://beta-ops.atlassian.net'),
      linked: false,
    },
    {
      ...common,
      value: 'kb',
      name: 'kb',
      title: say('Company handbook'),
      url: say('https://handbook.atlassian.net'),
      shared: true,
      readOnly: true,
    },
  ];
}

function products(say: Say) {
  const labels = ['Jira', 'Jira Service Management', 'Confluence', 'Bitbucket', 'Compass', 'Teamwork Graph'];
  return labels.map((label) => ({ value: label.toLowerCase().replaceAll(' ', '-'), label: say(label) }));
}

function account(say: Say) {
  return { name: say('Alice Adams'), email: say('alice@demo.example') };
}

const consent = (say: Say, more: Partial<Parameters<typeof renderConsent>[0]> = {}) =>
  renderConsent({
    action: '/oauth/interaction/k2/consent',
    csrf: CSRF,
    client: {
      name: say('Claude'),
      redirectHost: say('claude.ai'),
      kind: 'metadata-document',
      loopback: false,
    },
    account: account(say),
    sites: sites(say),
    products: products(say),
    scopes: ['atl:read', 'atl:write', say('custom:scope')],
    readOnlyForced: false,
    ...more,
  });

const connect = (say: Say) =>
  renderConnect({
    account: account(say),
    csrf: CSRF,
    notice: say('Alpha Engineering is linked.'),
    sites: [
      {
        value: 'eng',
        title: say('Alpha Engineering'),
        url: say('https://alpha-eng.atlassian.net'),
        shared: false,
        links: [
          { kind: 'oauth', status: 'ok', accountName: say('Alice Adams'), since: NOVEMBER },
          {
            kind: 'token',
            status: 'ok',
            accountName: say('Alice Adams'),
            since: NOVEMBER,
            expires: NOVEMBER + 180 * DAY,
          },
        ],
        canOauth: true,
        canToken: true,
      },
      {
        value: 'ops',
        title: say('Beta Operations'),
        url: say('https://beta-ops.atlassian.net'),
        shared: false,
        links: [{ kind: 'oauth', status: 'needs-reconnect', since: NOVEMBER }],
        canOauth: true,
        canToken: false,
        problem: say('Atlassian ended this sign-in. Reconnect the site to use it again.'),
      },
      {
        value: 'labs',
        title: say('Gamma Labs'),
        url: say('https://gamma-labs.atlassian.net'),
        shared: false,
        links: [],
        canOauth: true,
        canToken: true,
      },
      {
        value: 'kb',
        title: say('Company handbook'),
        url: say('https://handbook.atlassian.net'),
        shared: true,
        links: [],
        canOauth: false,
        canToken: false,
      },
    ],
  });

const linkSite = (say: Say, more: Partial<Parameters<typeof renderLinkSite>[0]> = {}) =>
  renderLinkSite({
    site: { value: 'eng', title: say('Alpha Engineering'), url: say('https://alpha-eng.atlassian.net') },
    csrf: CSRF,
    oauthAction: '/connect/eng/oauth',
    tokenAction: '/connect/eng/token',
    emailHint: say('alice@demo.example'),
    ...more,
  });

const connections = (say: Say) =>
  renderConnections({
    account: account(say),
    csrf: CSRF,
    revokeAction: '/connect/clients/revoke',
    connections: [
      {
        id: 'grant-1',
        clientName: say('Claude'),
        redirectHost: say('claude.ai'),
        since: NOVEMBER,
        lastUsed: NOVEMBER + 9 * DAY,
        sites: [say('Alpha Engineering'), say('Beta Operations')],
        readOnly: false,
      },
      {
        id: 'grant-2',
        clientName: say('Visual Studio Code'),
        redirectHost: say('127.0.0.1:33418'),
        since: NOVEMBER,
        sites: [say('Company handbook')],
        readOnly: true,
      },
    ],
  });

/** Every page in every state that looks different, by name. */
export const PAGE_STATES: Readonly<Record<string, (say: Say) => string>> = {
  'hand-over': (say) =>
    renderHandOver({
      clientName: say('Claude'),
      redirectHost: say('claude.ai'),
      loopback: false,
      action: '/oauth/interaction/k2',
      csrf: CSRF,
    }),
  'hand-over-loopback': (say) =>
    renderHandOver({
      clientName: say('Claude Code'),
      redirectHost: say('localhost:53127'),
      loopback: true,
      continueUrl: '/oauth/interaction/k2/login',
      signedInAs: say('alice@demo.example'),
    }),
  consent: (say) => consent(say),
  'consent-refused': (say) =>
    consent(say, {
      client: {
        name: say('Claude Code'),
        redirectHost: say('localhost:53127'),
        kind: 'registered',
        loopback: true,
      },
      error: say('Choose at least one site, or cancel.'),
      picks: { sites: [], products: ['jira'], readOnly: true },
    }),
  'consent-read-only': (say) =>
    consent(say, {
      client: {
        name: say('Reports'),
        redirectHost: say('reports.acme.example'),
        kind: 'configured',
        loopback: false,
      },
      readOnlyForced: true,
    }),
  'consent-no-sites': (say) => consent(say, { sites: [], products: [] }),
  connect: (say) => connect(say),
  'connect-empty': (say) => renderConnect({ account: {}, sites: [], csrf: say(CSRF) }),
  'link-site': (say) => linkSite(say),
  'link-site-refused': (say) =>
    linkSite(say, {
      needsBoth: say('Jira Service Management needs an API token; Compass needs a sign-in with Atlassian.'),
      error: say('Atlassian does not know this token. Copy it again, or create another one.'),
      errorField: 'token',
    }),
  connections: (say) => connections(say),
  'connections-empty': (say) =>
    renderConnections({
      account: account(say),
      csrf: CSRF,
      revokeAction: '/connect/clients/revoke',
      connections: [],
    }),
  message: (say) =>
    renderMessage({
      title: say('Another site was chosen'),
      message: say(
        'You chose Gamma Labs at Atlassian, but Alpha Engineering was to be linked. Nothing was stored.',
      ),
      whatToDo: say('Start again, and choose Alpha Engineering on Atlassian’s page.'),
      back: '/connect',
      tone: 'warning',
    }),
  'oauth-error': (say) =>
    renderOAuthError({
      title: say('The app could not be connected'),
      message: say('The app asked to be sent to an address that is not allowed here.'),
      whatToDo: say('Start again in the app. If this repeats, show this page to your administrator.'),
    }),
  'signed-out': () => renderSignedOut(),
};
