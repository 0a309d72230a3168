import { callout, errorSummary } from './callout.ts';
import { clientFacts, clientName, loopbackWarning, type ClientKind } from './client-facts.ts';
import { displayedHost, displayedName } from './displayed-text.ts';
import { html, type Html } from './html.ts';
import { accountName, csrfField, isolated, renderPage, type PageAccount } from './layout.ts';

/** A site that a person may hand on to an app. */
interface ConsentSite {
  /** What the form sends as `site`. */
  readonly value: string;
  readonly name: string;
  readonly title: string;
  readonly url: string;
  /** Calls run as a service account. */
  readonly shared: boolean;
  readonly readOnly: boolean;
  /** The person has linked a credential; meaningless on a shared site. */
  readonly linked: boolean;
}

/** The form sends `csrf`, `decision` (`allow` or `cancel`), `site` and `product` once for each pick, and `readOnly=yes`. */
interface ConsentModel {
  readonly action: string;
  readonly csrf: string;
  readonly client: {
    readonly name: string;
    readonly redirectHost: string;
    readonly kind: ClientKind;
    readonly loopback: boolean;
  };
  readonly account: PageAccount;
  readonly sites: readonly ConsentSite[];
  readonly products: readonly { readonly value: string; readonly label: string }[];
  readonly scopes: readonly string[];
  readonly readOnlyForced: boolean;
  /** What was wrong with the answer before. */
  readonly error?: string;
  /** What the person had picked when the answer was refused; everything is ticked without it. */
  readonly picks?: {
    readonly sites: readonly string[];
    readonly products: readonly string[];
    readonly readOnly: boolean;
  };
}

/** Asks a person whether an app may use their sites, and which. */
export function renderConsent(model: ConsentModel): string {
  const { client, account, sites } = model;
  const body = html`${model.error !== undefined && errorSummary(model.error)}
    <h1>Let ${clientName(client.name)} use your Atlassian sites?</h1>
    <p class="lead">You are signed in as ${accountName(account)}. The app can do no more than you can.</p>
    ${clientFacts(client)} ${client.loopback && loopbackWarning()}
    ${sites.length === 0 ? nothingToShare() : permissions(model)}
    <form method="post" action="${model.action}">
      ${csrfField(model.csrf)} ${sites.length > 0 && picker(model)}
      <div class="actions pair">
        <button type="submit" name="decision" value="cancel">Cancel</button>
        ${sites.length > 0 && html`<button class="primary" type="submit" name="decision" value="allow">Allow</button>`}
      </div>
    </form>
    <p class="hint">You can take this back at any time, on your Switchyard page “Connected apps”.</p>`;
  return renderPage({
    title: model.error === undefined ? 'Let an app use your sites?' : 'Problem: Let an app use your sites?',
    body,
  });
}

function nothingToShare(): Html {
  return callout(
    'warning',
    html`<p>
      None of the sites behind this Switchyard is open to your account. Ask your administrator for access,
      then connect the app again.
    </p>`,
    'No site to share',
  );
}

const SCOPES: Readonly<Record<string, string>> = {
  'atl:read': 'Read what you can see, on the sites that you choose',
  'atl:write': 'Create, change and delete things there, as far as you can yourself',
  offline_access: 'Stay connected until you or an administrator end it',
  openid: 'Know that it is the same person each time',
  profile: 'See your name',
  email: 'See your e-mail address',
};

function permissions({ scopes, readOnlyForced }: ConsentModel): Html {
  const asked = scopes.filter((scope) => !(readOnlyForced && scope === 'atl:write'));
  if (asked.length === 0) return html``;
  const items = asked.map((scope) => {
    const sentence = Object.hasOwn(SCOPES, scope) ? SCOPES[scope] : undefined;
    return html`<li>
      ${sentence ?? html`<code>${displayedName(scope, 'a permission without a name')}</code>`}
    </li>`;
  });
  return html`<h2>What it asks for</h2>
    <ul class="permissions">
      ${items}
    </ul>`;
}

// Cancel comes first in the form: it is what Enter in a tick box means to a browser.
function picker(model: ConsentModel): Html {
  const { sites, products, picks } = model;
  const siteChoices = sites.map((site) => siteChoice(site, picks?.sites.includes(site.value) ?? true));
  const productChoices = products.map(({ value, label }) =>
    choice(
      { name: 'product', value, checked: picks?.products.includes(value) ?? true },
      html`${displayedName(label, value)}`,
    ),
  );
  return html`<fieldset>
      <legend>Sites</legend>
      <p class="hint">Untick what the app does not need.</p>
      <ul class="choices">
        ${siteChoices}
      </ul>
      ${
        sites.some((site) => isToBeLinked(site)) &&
        html`<p class="hint">
          A site that is not linked yet works once you have linked it on your page “Your sites”.
        </p>`
      }
    </fieldset>
    ${
      products.length > 0 &&
      html`<fieldset>
        <legend>Products</legend>
        <ul class="choices compact">
          ${productChoices}
        </ul>
      </fieldset>`
    }
    ${readOnlyChoice(model)}`;
}

function isToBeLinked({ shared, linked }: ConsentSite): boolean {
  return !shared && !linked;
}

function siteChoice(site: ConsentSite, checked: boolean): Html {
  const badges = [
    site.shared && 'Shared account',
    site.readOnly && 'Read only',
    isToBeLinked(site) && 'Not linked yet',
  ].filter((badge) => badge !== false);
  return choice(
    { name: 'site', value: site.value, checked },
    html`<span class="choice-title">${isolated(displayedName(site.title, site.name))}</span>
      <span class="host hint">${displayedHost(site.url)}</span>
      ${badges.map((badge) => html`<span class="badge">${badge}</span> `)}`,
  );
}

function readOnlyChoice({ readOnlyForced, picks }: ConsentModel): Html {
  if (readOnlyForced) {
    return callout(
      'info',
      html`<p>
        The app may look things up, but not create, change or delete anything. This cannot be changed here.
      </p>`,
      'Read only',
    );
  }
  return html`<fieldset>
    <legend>Changes</legend>
    <ul class="choices">
      ${choice(
        { name: 'readOnly', value: 'yes', checked: picks?.readOnly ?? false },
        html`<span class="choice-title">Read only</span
          ><span class="hint">The app may look things up, but not create, change or delete anything.</span>`,
      )}
    </ul>
  </fieldset>`;
}

function choice(box: { name: string; value: string; checked: boolean }, label: Html): Html {
  return html`<li>
    <label class="choice"
      ><input type="checkbox" name="${box.name}" value="${box.value}" ${box.checked && 'checked'} /><span
        >${label}</span
      ></label
    >
  </li>`;
}
