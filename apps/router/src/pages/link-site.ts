import { callout, errorSummary } from './callout.ts';
import { displayedHost, displayedName } from './displayed-text.ts';
import { html, type Html } from './html.ts';
import { csrfField, isolated, PATHS, renderPage } from './layout.ts';

/** Atlassian's page for a token of the Rovo MCP server with every scope. */
const CREATE_TOKEN_URL =
  'https://id.atlassian.com/manage-profile/security/api-tokens?autofillToken&expiryDays=max&appId=mcp&selectedScopes=all';

/** The fields of the API token form; their names are their ids. */
const FIELDS = { email: 'E-mail address', token: 'API token', expires: 'Expires on' } as const;

/** The OAuth form sends `csrf`; the token form sends `csrf`, `email`, `token` and `expires` (a day, YYYY-MM-DD, or empty). */
interface LinkSiteModel {
  readonly site: { readonly value: string; readonly title: string; readonly url: string };
  readonly csrf: string;
  readonly oauthAction?: string;
  readonly tokenAction?: string;
  /** Why both kinds are worth having on this site. */
  readonly needsBoth?: string;
  readonly error?: string;
  /** The field that the error is about. */
  readonly errorField?: keyof typeof FIELDS;
  readonly emailHint?: string;
}

/** The ways to link one site. */
export function renderLinkSite(model: LinkSiteModel): string {
  const { site, error, errorField, needsBoth, oauthAction, tokenAction } = model;
  const none = oauthAction === undefined && tokenAction === undefined;
  const field = tokenAction === undefined ? undefined : errorField;
  const body = html`${error !== undefined && errorSummary(error, field && { id: field, label: `Go to: ${FIELDS[field]}` })}
    <p class="back"><a href="${PATHS.sites}">Back to your sites</a></p>
    <h1>Link ${isolated(displayedName(site.title, site.value))}</h1>
    <p class="host hint">${displayedHost(site.url)}</p>
    ${needsBoth !== undefined && callout('info', html`<p>${needsBoth}</p>`, 'This site works best with both')}
    ${none && callout('info', html`<p>Your administrator has turned linking off for this site.</p>`)}
    ${oauthAction !== undefined && oauthCard(oauthAction, model)}
    ${tokenAction !== undefined && tokenCard(tokenAction, model)}`;
  return renderPage({ title: error === undefined ? 'Link a site' : 'Problem: Link a site', body });
}

function oauthCard(action: string, { csrf, site, tokenAction, needsBoth }: LinkSiteModel): Html {
  return html`<section class="card" aria-labelledby="oauth-heading">
      <h2 id="oauth-heading">Sign in with Atlassian</h2>
      <p>
        Atlassian asks you which site to open. Choose
        <strong class="host">${displayedHost(site.url)}</strong>: one sign-in opens one site.
      </p>
      <form method="post" action="${action}">
        ${csrfField(csrf)}
        <div class="actions"><button class="primary" type="submit">Continue to Atlassian</button></div>
      </form>
    </section>
    ${tokenAction !== undefined && html`<p class="or">${needsBoth === undefined ? 'or' : 'and'}</p>`}`;
}

function tokenCard(action: string, model: LinkSiteModel): Html {
  const { csrf, emailHint = '', oauthAction } = model;
  return html`<section class="card" aria-labelledby="token-heading">
    <h2 id="token-heading">Use an API token</h2>
    <p>
      <a href="${CREATE_TOKEN_URL}" target="_blank" rel="noopener noreferrer"
        >Create a token at Atlassian (opens a new tab)</a
      >, with the scopes that are chosen there, and paste it here.
    </p>
    <form method="post" action="${action}" autocomplete="off">
      ${csrfField(csrf)}
      ${field(model, 'email', {
        hint: 'Of your Atlassian account.',
        control: html`<input
          id="email"
          name="email"
          type="email"
          maxlength="254"
          autocomplete="email"
          aria-describedby="email-hint ${described(model, 'email')}"
          aria-invalid="${invalid(model, 'email')}"
          value="${emailHint}"
          required
        />`,
      })}
      ${field(model, 'token', {
        hint: 'It is checked with Atlassian, stored encrypted and never shown again.',
        control: html`<input
          id="token"
          name="token"
          type="password"
          maxlength="4096"
          autocomplete="off"
          spellcheck="false"
          aria-describedby="token-hint ${described(model, 'token')}"
          aria-invalid="${invalid(model, 'token')}"
          required
        />`,
      })}
      ${field(model, 'expires', {
        hint: 'If you know it. Your page of sites then shows it.',
        control: html`<input
          id="expires"
          name="expires"
          type="date"
          aria-describedby="expires-hint ${described(model, 'expires')}"
          aria-invalid="${invalid(model, 'expires')}"
        />`,
      })}
      <div class="actions">
        <button class="${oauthAction === undefined ? 'primary' : 'plain'}" type="submit">
          Link with this token
        </button>
      </div>
    </form>
  </section>`;
}

type Field = keyof typeof FIELDS;

function field(
  { error, errorField }: LinkSiteModel,
  name: Field,
  { hint, control }: { hint: string; control: Html },
): Html {
  return html`<div class="field">
    <label for="${name}"
      >${FIELDS[name]}${name === 'expires' && html` <span class="optional">(optional)</span>`}</label
    >
    <p class="hint" id="${`${name}-hint`}">${hint}</p>
    ${error !== undefined && errorField === name && html`<p class="field-error" id="${`${name}-error`}"><strong>Problem:</strong> ${error}</p>`}
    ${control}
  </div>`;
}

function described({ error, errorField }: LinkSiteModel, name: Field): string {
  return error !== undefined && errorField === name ? `${name}-error` : '';
}

function invalid({ error, errorField }: LinkSiteModel, name: Field): string {
  return String(error !== undefined && errorField === name);
}
