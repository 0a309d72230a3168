import { createView, type Site, type SiteStatus } from '@switchyard/catalogue';
import { describe, expect, it } from 'vitest';

import { createListAnswers, type ListAnswer } from '../../src/gateway/list-answers.ts';
import type { Opening } from '../../src/gateway/runtime.ts';
import { createSiteTools, type SitesAsked } from '../../src/gateway/site-tools.ts';
import { type Definition, type DriftEstate, startDrift } from './drift-estate.ts';

const WAIT_MS = 1_000;
const caller = { id: 'ann', method: 'basic', groups: [], cloudIds: new Set<string>() } as const;

interface Estate extends DriftEstate {
  readonly answers: ReturnType<typeof createListAnswers>;
  readonly discoveries: Partial<Record<SiteStatus, number>>[];
  /** What one caller asks on one URL; `callers` of them for each site. */
  asked(...callers: readonly string[]): SitesAsked;
}

function startAnswers(options: Parameters<typeof startDrift>[0] = { count: 2 }): Estate {
  const estate = startDrift(options);
  const { sites, lists, request } = estate;
  const view = createView({ id: 'all', sites, single: false, layers: [] });
  const discoveries: Partial<Record<SiteStatus, number>>[] = [];
  const answers = createListAnswers({
    collect: createSiteTools(lists),
    budgets: { note: () => {} },
    onDiscovery: (statuses) => void discoveries.push(statuses),
  });

  function openingOf(site: Site, [first, ...others]: readonly string[]): Opening {
    const policy = view.policyFor(caller, site);
    const more = others.map((other) => ({ site, policy, request: request(site, other) }));
    return { site, policy, request: request(site, first), ...(more.length > 0 && { more }) };
  }
  return {
    ...estate,
    answers,
    discoveries,
    asked: (...callers) => ({
      view,
      openings: sites.map((site) => openingOf(site, callers)),
      deadlineMs: WAIT_MS,
    }),
  };
}

function tool(name: string, description = `Does ${name}.`): Definition {
  return { name, description, inputSchema: { type: 'object' } };
}

interface Listed {
  readonly tools: readonly { readonly name: string; readonly description: string }[];
  readonly _meta: { readonly 'switchyard/sites': readonly { readonly status: string }[] };
}

function listed({ bytes }: ListAnswer): Listed {
  return JSON.parse(bytes.toString('utf8')) as Listed;
}

function namesIn(answer: ListAnswer): string[] {
  return listed(answer)
    .tools.map(({ name }) => name)
    .filter((name) => !name.startsWith('switchyard_'));
}

function isWaitedFor(answer: ListAnswer | Promise<ListAnswer>): boolean {
  return answer instanceof Promise;
}

describe('the answer to tools/list', () => {
  it('is waited for while a site has to be asked, and is there at once afterwards', async () => {
    const { answers, asked, discoveries } = startAnswers();
    const question = asked('ann');
    const first = answers.tools(question);
    expect(isWaitedFor(first)).toBe(true);
    const answer = await first;

    const again = answers.tools(question);
    expect(isWaitedFor(again)).toBe(false);
    expect(again).toBe(answer);
    expect(discoveries).toEqual([{ 'under-scoped': 2 }, { 'under-scoped': 2 }]);
  });

  it('is the same for equal lists, whoever asks', async () => {
    const { answers, asked } = startAnswers();

    expect(await answers.tools(asked('ann'))).toBe(await answers.tools(asked('bob')));
  });

  it('is another as soon as one site has another list, and the first again when that is back', async () => {
    const { answers, asked, offer, outcome, sites } = startAnswers();
    const [one, two] = sites as [Site, Site];
    const question = asked('ann');
    offer(one, [tool('getA')]);
    offer(two, [tool('getB')]);
    const before = await answers.tools(question);
    expect(namesIn(before)).toEqual(['s0__getA', 's1__getB']);

    offer(two, [tool('getC')]);
    await outcome(two);
    const after = await answers.tools(question);
    expect(namesIn(after)).toEqual(['s0__getA', 's1__getC']);
    expect(after.key).not.toBe(before.key);

    offer(two, [tool('getB')]);
    await outcome(two);
    expect(await answers.tools(question)).toBe(before);
  });

  it('is asked for anew after a list was invalidated', async () => {
    const { answers, asked, offer, lists, sites } = startAnswers();
    const [one] = sites as [Site];
    const question = asked('ann');
    await answers.tools(question);
    offer(one, [tool('getA')]);
    await lists.invalidate(question.openings[0]?.request.key ?? { cloudId: '', endpoint: '', scope: '' });

    const answer = answers.tools(question);
    expect(isWaitedFor(answer)).toBe(true);
    expect(namesIn(await answer)).toEqual(['s0__getA']);
  });

  it('never shows a site that must not be asked any more', async () => {
    const { answers, asked, offer, sites } = startAnswers();
    const [one, two] = sites as [Site, Site];
    offer(one, [tool('getA')]);
    offer(two, [tool('getB')]);
    const question = asked('ann');
    const state: { error: Error | undefined } = { error: undefined };
    const openings = question.openings.map((opening) =>
      opening.site === one
        ? { ...opening, request: { ...opening.request, closed: () => state.error } }
        : opening,
    );
    expect(namesIn(await answers.tools({ ...question, openings }))).toEqual(['s0__getA', 's1__getB']);

    state.error = new Error('switched off');
    const answer = await answers.tools({ ...question, openings });
    expect(namesIn(answer)).toEqual(['s1__getB']);
    expect(listed(answer)._meta['switchyard/sites'].map(({ status }) => status)).toEqual([
      'unavailable',
      'ok',
    ]);
  });

  it('has the tools of all credentials of a person, at once when all of their lists are fresh', async () => {
    const { answers, asked, offer, sites } = startAnswers({ count: 1 });
    const [one] = sites as [Site];
    offer(one, [tool('getA')], 'ann');
    offer(one, [tool('getA', 'Another.'), tool('getB')], 'ann-too');
    const question = asked('ann', 'ann-too');
    const answer = await answers.tools(question);
    expect(namesIn(answer)).toEqual(['s0__getA', 's0__getB']);
    expect(listed(answer).tools.find(({ name }) => name === 's0__getA')?.description).toContain('Does getA.');

    const again = answers.tools(question);
    expect(isWaitedFor(again)).toBe(false);
    expect(again).toBe(answer);
  });

  it('waits for what a held site was approved for, and shows nothing else at once either', async () => {
    const { answers, asked, offer, outcome, sites } = startAnswers({ rule: { onChange: 'hold' } });
    const [one] = sites as [Site];
    offer(one, [tool('getA')]);
    const question = asked('ann');
    const before = await answers.tools(question);
    offer(one, [tool('getA'), tool('getB')]);
    await outcome(one);

    const after = answers.tools(question);
    expect(isWaitedFor(after)).toBe(false);
    expect(namesIn(await after)).toEqual(namesIn(before));
  });
});
