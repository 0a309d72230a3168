import { calendarDay } from './calendar-day.ts';
import { callout } from './callout.ts';
import { clientName } from './client-facts.ts';
import { displayedHost, displayedName } from './displayed-text.ts';
import { html, type Html } from './html.ts';
import { csrfField, isolated, renderPage, type PageAccount } from './layout.ts';

/** An app that a person let in; moments in milliseconds since 1970. */
interface Connection {
  /** What the form sends as `connection`. */
  readonly id: string;
  readonly clientName: string;
  readonly redirectHost: string;
  readonly since: number;
  readonly lastUsed?: number;
  readonly sites: readonly string[];
  readonly readOnly: boolean;
}

/** The revoke forms send `csrf` and `connection`. */
interface ConnectionsModel {
  readonly account: PageAccount;
  readonly connections: readonly Connection[];
  readonly csrf: string;
  readonly revokeAction: string;
  /** What was just done. */
  readonly notice?: string;
}

/** The apps that act for a person, each with the way to end it. */
export function renderConnections({
  account,
  connections,
  csrf,
  revokeAction,
  notice,
}: ConnectionsModel): string {
  const body = html`${notice !== undefined && callout('success', html`<p>${notice}</p>`)}
    <h1>Connected apps</h1>
    <p class="lead">These apps may use your sites through Switchyard. Disconnect what you no longer need.</p>
    ${
      connections.length === 0
        ? callout('info', html`<p>An app appears here once you have let it in.</p>`, 'No app is connected')
        : html`<ul class="cards">
            ${connections.map((connection) => connectionCard(connection, { csrf, revokeAction }))}
          </ul>`
    }`;
  return renderPage({ title: 'Connected apps', body, navigation: { current: 'clients', account, csrf } });
}

function connectionCard(
  connection: Connection,
  { csrf, revokeAction }: { csrf: string; revokeAction: string },
): Html {
  const name = clientName(connection.clientName);
  return html`<li class="card">
    <div class="card-head">
      <div>
        <h2>${name}</h2>
        <p class="host hint">${displayedHost(connection.redirectHost)}</p>
      </div>
      <p class="badge">${connection.readOnly ? 'Read only' : 'Read and write'}</p>
    </div>
    <dl class="facts">
      <div>
        <dt>Sites</dt>
        <dd>${siteNames(connection.sites)}</dd>
      </div>
      <div>
        <dt>Connected</dt>
        <dd>${calendarDay(connection.since)}</dd>
      </div>
      <div>
        <dt>Last used</dt>
        <dd>${connection.lastUsed === undefined ? 'Not yet' : calendarDay(connection.lastUsed)}</dd>
      </div>
    </dl>
    <details class="confirm">
      <summary>Disconnect<span class="unseen"> ${name}</span></summary>
      <form method="post" action="${revokeAction}">
        ${csrfField(csrf)}<input type="hidden" name="connection" value="${connection.id}" />
        <p>The app loses its access at once. To use it again, connect it again.</p>
        <button class="danger" type="submit">Disconnect now</button>
      </form>
    </details>
  </li>`;
}

function siteNames(sites: readonly string[]): Html | string {
  if (sites.length === 0) return 'None';
  return html`<ul class="inline">
    ${sites.map((site) => html`<li>${isolated(displayedName(site, 'A site without a name'))}</li>`)}
  </ul>`;
}
