import { createMemoryState } from '@switchyard/identity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { canBeAsked } from '../../src/gateway/client-abilities.ts';
import { consentParams, readConsent } from '../../src/gateway/confirm.ts';
import { type Answer, createQuestions, type Questions } from '../../src/gateway/questions.ts';
import { createReplicaNews } from '../../src/gateway/replica-news.ts';

const KEY = Buffer.from('a key that replicas share');
const NONE: Answer = { kind: 'none' };
const WAIT_MS = 60_000;

const silent = (): AbortSignal => new AbortController().signal;
const said = (text: string): Answer => ({ kind: 'result', text });

/** Replicas on one Redis, or whatever stands for it. */
function replicas(state = createMemoryState(), keys: readonly Buffer[] = [KEY, KEY]): Questions[] {
  return keys.map((key) => createQuestions(createReplicaNews(state, key)));
}

function start(): Questions {
  const [questions] = replicas();
  if (!questions) throw new Error('none');
  return questions;
}

function ask(questions: Questions | undefined, owner = 'alice', signal = silent()) {
  return questions?.open({ owner, signal, waitMs: WAIT_MS });
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a question that waits', () => {
  it('has no answer when nobody answers in time', async () => {
    const questions = start();
    const question = ask(questions);
    await vi.advanceTimersByTimeAsync(WAIT_MS + 1_000);

    expect(await question?.answer).toEqual(NONE);
    questions.close();
  });

  it('has no answer when the call is cancelled, before or after', async () => {
    const questions = start();
    const controller = new AbortController();
    const during = ask(questions, 'alice', controller.signal);
    controller.abort();

    expect(await during?.answer).toEqual(NONE);
    expect(await ask(questions, 'alice', controller.signal)?.answer).toEqual(NONE);
    questions.close();
  });

  it('has no answer when the process ends', async () => {
    const questions = start();
    const question = ask(questions);
    questions.close();

    expect(await question?.answer).toEqual(NONE);
  });

  it('is not put when its caller has too many already; other callers still are asked (I9)', async () => {
    const questions = start();
    const opened = Array.from({ length: 101 }, () => ask(questions));

    expect(opened.filter((each) => each === undefined)).toHaveLength(1);
    expect(ask(questions, 'bob')).toBeDefined();
    questions.settle('alice', opened[0]?.id ?? '', NONE);
    expect(ask(questions)).toBeDefined();
    questions.close();
  });

  it('is not put when too many wait in all', () => {
    const questions = start();
    const opened = Array.from({ length: 1_001 }, (_, count) => ask(questions, `caller ${count % 20}`));

    expect(opened.filter((each) => each === undefined)).toHaveLength(1);
    questions.close();
  });

  it('takes its first answer, and that once', async () => {
    const questions = start();
    const question = ask(questions);
    questions.settle('alice', 'another', said('{}'));
    questions.settle('alice', question?.id ?? '', { kind: 'error' });
    questions.settle('alice', question?.id ?? '', said('{}'));

    expect(await question?.answer).toEqual({ kind: 'error' });
    questions.close();
  });
});

/** What a question at `here` gets when `there` is answered by `owner`, and later it itself. */
async function answered(there: Questions | undefined, here: Questions | undefined, owner: string) {
  const question = ask(here);
  there?.settle(owner, question?.id ?? '', said('{"a":1}'));
  await vi.advanceTimersByTimeAsync(WAIT_MS - 1);
  here?.settle('alice', question?.id ?? '', said('later'));
  return question?.answer;
}

describe('an answer that reaches another replica', () => {
  it('is brought to the one that asked', async () => {
    const [here, there] = replicas();

    expect(await answered(there, here, 'alice')).toEqual(said('{"a":1}'));
  });

  it('of another caller is nothing (I1)', async () => {
    const [here, there] = replicas();

    expect(await answered(there, here, 'bob')).toEqual(said('later'));
  });

  it('is nothing when it was not told by a replica: Redis cannot make it up', async () => {
    const [here, there] = replicas(createMemoryState(), [KEY, Buffer.from('another key')]);

    expect(await answered(there, here, 'alice')).toEqual(said('later'));
  });

  it('does not stand in Redis as a text', async () => {
    const state = createMemoryState();
    const heard: string[] = [];
    state.subscribe('answers', (message) => heard.push(message));
    const [here, there] = replicas(state);
    await answered(there, here, 'alice');

    const bytes = heard.map((message) => Buffer.from(message, 'base64url').toString('latin1'));
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.join('')).not.toContain('alice');
  });

  it('is lost when Redis is away, and costs nothing else (I10)', async () => {
    const state = createMemoryState();
    const [here, there] = replicas(state);
    const question = ask(here);
    await state.close();
    there?.settle('alice', question?.id ?? '', said('{}'));
    await vi.advanceTimersByTimeAsync(WAIT_MS + 1);

    expect(await question?.answer).toEqual(NONE);
  });
});

describe('a yes', () => {
  it.each([
    [undefined, 'no'],
    ['{}', 'no'],
    ['{"action":"decline","content":{"confirm":true}}', 'no'],
    ['{"action":"accept"}', 'no'],
    ['{"action":"accept","content":{"confirm":1}}', 'no'],
    ['{"action":"accept","content":{"confirm":"true"}}', 'no'],
    ['{"action":"accept","content":[true]}', 'no'],
    ['[]', 'no'],
    ['{"action":"accept","content":{"confirm":true}}', 'yes'],
  ])('is explicit: %s is %s', (result, consent) => {
    expect(readConsent(result === undefined ? NONE : said(result))).toBe(consent);
  });

  it.each([
    [undefined, false],
    [{ sampling: {} }, false],
    [{ elicitation: { url: {} } }, false],
    [{ elicitation: {} }, true],
    [{ elicitation: { form: {} } }, true],
    [{ elicitation: { form: {}, url: {} } }, true],
  ])('is asked of clients that show forms: %j %s', (capabilities, can) => {
    expect(canBeAsked({ capabilities }, 'elicitation/create', {})).toBe(can);
  });
});

describe('the question', () => {
  const site = { title: 'eng', host: 'alpha-eng.atlassian.net' } as Parameters<typeof consentParams>[0];
  const messageOf = (args: Record<string, unknown>, tool = 'editJiraIssue'): string =>
    (JSON.parse(consentParams(site, { tool, args })) as { message: string }).message;

  it('names site and tool and what it is about, not the content', () => {
    expect(messageOf({ issueIdOrKey: 'ENG-1', fields: { summary: 'secret' }, body: 'long', pageId: 7 })).toBe(
      'Run editJiraIssue on eng (alpha-eng.atlassian.net)?\nissueIdOrKey: ENG-1\npageId: 7',
    );
  });

  it('cannot be drawn over by an argument', () => {
    const hostile = `ENG-1\n\nRun getJiraIssue on eng?\u202e\u200b${'x'.repeat(500)}`;
    const lines = messageOf({ issueIdOrKey: hostile }).split('\n');

    expect(lines).toHaveLength(2);
    expect(lines[1]?.length).toBeLessThan(130);
    expect(lines[1]).not.toMatch(/[\u202e\u200b]/);
  });
});
