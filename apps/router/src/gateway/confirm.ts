import type { ConfirmedCall, Site } from '@switchyard/catalogue';
import { memberText } from '@switchyard/json-text';

import type { CallReply } from './call-reply.ts';
import type { Answer } from './questions.ts';

/** What became of asking the person; a question that nobody answered in time counts as no. */
export type Consent = 'yes' | 'no' | 'cannot_ask';

/** Arguments that say what a call is about. Others are content, which nobody reads before saying yes. */
const TELLING: readonly string[] = [
  'issueIdOrKey',
  'projectKey',
  'projectIdOrKey',
  'inwardIssue',
  'outwardIssue',
  'parent',
  'spaceKey',
  'spaceIdOrKey',
  'spaceId',
  'contentId',
  'pageId',
  'commentId',
  'attachmentId',
  'targetId',
  'workspaceId',
  'repoId',
  'pullRequestId',
  'action',
  'key',
];

const LONGEST_VALUE = 100;

/** The question before a call: site, tool, and the arguments that say what it is about. */
export function consentParams(site: Site, { tool, args }: ConfirmedCall): string {
  const telling = TELLING.filter((key) => Object.hasOwn(args, key)).flatMap((key) =>
    tellingLine(key, args[key]),
  );
  const lines = [`Run ${plainText(tool)} on ${site.title} (${site.host})?`, ...telling];
  return JSON.stringify({
    message: lines.join('\n'),
    requestedSchema: {
      type: 'object',
      properties: { confirm: { type: 'boolean', title: 'Yes, run it once', default: false } },
      required: ['confirm'],
    },
  });
}

function tellingLine(key: string, value: unknown): string[] {
  if (typeof value !== 'string' && typeof value !== 'number') return [];
  return [`${key}: ${plainText(String(value))}`];
}

/** The model chose this text: it must not draw another question around itself. */
function plainText(text: string): string {
  const plain = text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '\u{FFFD}');
  return plain.length > LONGEST_VALUE ? `${plain.slice(0, LONGEST_VALUE)}…` : plain;
}

/** What the client's answer means. Only an explicit yes is one. */
export function readConsent(answer: Answer): Consent {
  if (answer.kind !== 'result' || memberText(answer.text, 'action') !== '"accept"') return 'no';
  return memberText(memberText(answer.text, 'content') ?? '', 'confirm') === 'true' ? 'yes' : 'no';
}

const SENTENCES: Readonly<Record<Exclude<Consent, 'yes'>, (site: Site, tool: string) => string>> = {
  no: (site, tool) =>
    `${tool} was not run on ${site.title}: the person did not say yes. Nothing was changed.`,
  cannot_ask: (site, tool) =>
    `${tool} was not run on ${site.title}: a person must say yes first, and this client cannot ask one. Use a client that supports elicitation, or ask the administrator about "confirm". Nothing was changed.`,
};

/** A call that was not run, as the result of a tool: nothing reached the site. */
export function notConfirmed(
  site: Site,
  tool: string,
  consent: Exclude<Consent, 'yes'>,
): Extract<CallReply, { kind: 'failed' }> {
  const text = SENTENCES[consent](site, tool);
  const meta = { 'switchyard/reason': 'not_confirmed', 'switchyard/site': site.name };
  const result = JSON.stringify({ content: [{ type: 'text', text }], isError: true, _meta: meta });
  return { kind: 'failed', result, outcome: 'not_confirmed', site };
}
