import { calendarDay } from './calendar-day.ts';
import { callout, icon, type Tone } from './callout.ts';
import { displayedHost, displayedName } from './displayed-text.ts';
import { html, type Html } from './html.ts';
import { csrfField, isolated, PATHS, renderPage, type PageAccount } from './layout.ts';
import { LINK_LABELS, type LinkKind } from './link-kind.ts';

/** One way in which a site is linked; moments in milliseconds since 1970. */
interface ConnectLink {
  readonly kind: LinkKind;
  readonly status: 'ok' | 'needs-reconnect';
  readonly accountName?: string;
  readonly since: number;
  readonly expires?: number;
}

/** A site of a person, and what is linked there. */
interface ConnectSite {
  /** The last part of `/connect/<value>` (link it) and `/connect/<value>/unlink`. */
  readonly value: string;
  readonly title: string;
  readonly url: string;
  readonly shared: boolean;
  readonly links: readonly ConnectLink[];
  readonly canOauth: boolean;
  readonly canToken: boolean;
  /** What keeps the site from working, and what to do. */
  readonly problem?: string;
}

/** The unlink forms send `csrf` and `kind`. */
interface ConnectModel {
  readonly account: PageAccount;
  readonly sites: readonly ConnectSite[];
  readonly csrf: string;
  /** What was just done. */
  readonly notice?: string;
}

/** A person's sites and their state. */
export function renderConnect({ account, sites, csrf, notice }: ConnectModel): string {
  const body = html`${notice !== undefined && callout('success', html`<p>${notice}</p>`)}
    <h1>Your sites</h1>
    <p class="lead">
      Link a site once. Every app that you connect then works there as you, with your permissions.
    </p>
    ${
      sites.length === 0
        ? noSites()
        : html`<ul class="cards">
            ${sites.map((site) => siteCard(site, csrf))}
          </ul>`
    }`;
  return renderPage({ title: 'Your sites', body, navigation: { current: 'sites', account, csrf } });
}

function noSites(): Html {
  return callout(
    'info',
    html`<p>No site is open to your account. Ask your administrator for access.</p>`,
    'No sites',
  );
}

type SiteState = 'shared' | 'needs-reconnect' | 'linked' | 'not-linked';

const STATES: Readonly<Record<SiteState, { readonly tone: Tone; readonly label: string }>> = {
  shared: { tone: 'success', label: 'Ready, shared account' },
  'needs-reconnect': { tone: 'warning', label: 'Needs reconnecting' },
  linked: { tone: 'success', label: 'Linked' },
  'not-linked': { tone: 'info', label: 'Not linked' },
};

function stateOf({ shared, links }: ConnectSite): SiteState {
  if (shared) return 'shared';
  if (links.some(({ status }) => status === 'needs-reconnect')) return 'needs-reconnect';
  return links.length > 0 ? 'linked' : 'not-linked';
}

function siteCard(site: ConnectSite, csrf: string): Html {
  const title = displayedName(site.title, site.value);
  const state = stateOf(site);
  const { tone, label } = STATES[state];
  return html`<li class="card">
    <div class="card-head">
      <div>
        <h2>${isolated(title)}</h2>
        <p class="host hint">${displayedHost(site.url)}</p>
      </div>
      <p class="state ${tone}">${icon(tone)}<span>${label}</span></p>
    </div>
    ${site.shared && html`<p>Apps work here with a service account of your company. There is nothing to link.</p>`}
    ${site.problem !== undefined && callout('warning', html`<p>${site.problem}</p>`, 'Not working')}
    ${
      site.links.length > 0 &&
      html`<ul class="links">
        ${site.links.map((link) => linkRow({ link, site, title, csrf }))}
      </ul>`
    }
    ${!site.shared && linkButton(site, { state, title })}
  </li>`;
}

function linkRow({
  link,
  site,
  title,
  csrf,
}: {
  link: ConnectLink;
  site: ConnectSite;
  title: string;
  csrf: string;
}): Html {
  const label = LINK_LABELS[link.kind];
  const who =
    link.accountName !== undefined &&
    html` as ${isolated(displayedName(link.accountName, 'an unnamed account'))}`;
  return html`<li>
    <p>
      <strong>${label}</strong>${who}, since
      ${calendarDay(link.since)}${link.expires !== undefined && html`, expires on ${calendarDay(link.expires)}`}.${
        link.status === 'needs-reconnect' && html` <strong>It no longer works: link the site again.</strong>`
      }
    </p>
    <details class="confirm">
      <summary>Unlink<span class="unseen"> the ${label} of ${title}</span></summary>
      <form method="post" action="${`${sitePath(site)}/unlink`}">
        ${csrfField(csrf)}<input type="hidden" name="kind" value="${link.kind}" />
        <p>Your apps will no longer reach this site with it.</p>
        <button class="danger" type="submit">Unlink now</button>
      </form>
    </details>
  </li>`;
}

function sitePath({ value }: ConnectSite): string {
  return `${PATHS.sites}/${encodeURIComponent(value)}`;
}

function linkButton(site: ConnectSite, { state, title }: { state: SiteState; title: string }): Html | false {
  const possible: LinkKind[] = [
    ...(site.canOauth ? (['oauth'] as const) : []),
    ...(site.canToken ? (['token'] as const) : []),
  ];
  if (possible.length === 0) {
    return (
      site.links.length === 0 &&
      html`<p class="hint">Your administrator has turned linking off for this site.</p>`
    );
  }
  const missing = possible.filter((kind) => !site.links.some((link) => link.kind === kind));
  const verb = {
    'needs-reconnect': 'Reconnect',
    'not-linked': 'Link this site',
    linked:
      missing[0] === undefined
        ? 'Link again'
        : `Add ${missing[0] === 'oauth' ? 'Atlassian sign-in' : 'an API token'}`,
    shared: '',
  }[state];
  const look = state === 'linked' ? 'button' : 'button primary';
  return html`<p class="actions">
    <a class="${look}" href="${sitePath(site)}">${verb}<span class="unseen">: ${title}</span></a>
  </p>`;
}
