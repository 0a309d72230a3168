import { createMemoryState } from '@switchyard/identity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { canAskConsent, readConsent } from '../../src/gateway/confirm.ts';
import { consentParams } from '../../src/gateway/confirm.ts';
import { createConfirmations } from '../../src/gateway/confirmations.ts';
import { PARKED_MS } from '../../src/gateway/parked-calls.ts';

const silent = (): AbortSignal => new AbortController().signal;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a question that waits', () => {
  it('is a no when nobody answers in time', async () => {
    const confirmations = createConfirmations(createMemoryState());
    const question = confirmations.open(silent());
    await vi.advanceTimersByTimeAsync(PARKED_MS + 1_000);

    expect(await question?.answer).toBe('no');
    confirmations.close();
  });

  it('is a no when the call is cancelled, before or after', async () => {
    const confirmations = createConfirmations(createMemoryState());
    const controller = new AbortController();
    const during = confirmations.open(controller.signal);
    controller.abort();

    expect(await during?.answer).toBe('no');
    expect(await confirmations.open(controller.signal)?.answer).toBe('no');
    confirmations.close();
  });

  it('is a no when the process ends', async () => {
    const confirmations = createConfirmations(createMemoryState());
    const question = confirmations.open(silent());
    confirmations.close();

    expect(await question?.answer).toBe('no');
  });

  it('is not put when too many wait already', () => {
    const confirmations = createConfirmations(createMemoryState());
    const questions = Array.from({ length: 1_001 }, () => confirmations.open(silent()));

    expect(questions.filter((each) => each === undefined)).toHaveLength(1);
    confirmations.close();
  });

  it('takes its first answer, and that once', async () => {
    const confirmations = createConfirmations(createMemoryState());
    const question = confirmations.open(silent());
    confirmations.settle('another', 'yes');
    confirmations.settle(question?.id ?? '', 'no');
    confirmations.settle(question?.id ?? '', 'yes');

    expect(await question?.answer).toBe('no');
    confirmations.close();
  });

  it('is answered through another replica', async () => {
    const state = createMemoryState();
    const [here, there] = [createConfirmations(state), createConfirmations(state)];
    const question = here.open(silent());
    there.settle(question?.id ?? '', 'yes');

    expect(await question?.answer).toBe('yes');
    here.close();
    there.close();
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
    expect(readConsent(result)).toBe(consent);
  });

  it.each([
    [undefined, false],
    [{ sampling: {} }, false],
    [{ elicitation: { url: {} } }, false],
    [{ elicitation: {} }, true],
    [{ elicitation: { form: {} } }, true],
    [{ elicitation: { form: {}, url: {} } }, true],
  ])('is asked of clients that show forms: %j %s', (capabilities, can) => {
    expect(canAskConsent({ era: 'modern', capabilities, logLevel: undefined, takesStream: true })).toBe(can);
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
