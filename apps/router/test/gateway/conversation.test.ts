import { describe, expect, it } from 'vitest';

import { type Ask, type Conversation, createConversation } from '../../src/gateway/conversation.ts';

const DONE = 'done';

function question(text: string): Ask {
  return { kind: 'own', request: { method: '', paramsText: text }, answer: () => {} };
}

/** A call that a test asks questions for and ends. */
function start(): { conversation: Conversation<string>; ask: (ask: Ask) => void; end: () => void } {
  const call = { end: () => {}, ask: (_ask: Ask) => {} };
  const reply = new Promise<string>((resolve) => {
    call.end = () => resolve(DONE);
  });
  const conversation = createConversation((ask) => {
    call.ask = ask;
    return reply;
  });
  return { conversation, ask: (each) => call.ask(each), end: () => call.end() };
}

async function questionsOf(conversation: Conversation<string>): Promise<[string, string][]> {
  const turn = await conversation.turn();
  if (turn.kind !== 'asks') throw new Error('it is over');
  return [...turn.asks].map(([key, ask]) => [key, ask.kind === 'own' ? ask.request.paramsText : '']);
}

describe('a turn', () => {
  it('is the end of a call that asks nothing', async () => {
    const { conversation, end } = start();
    end();

    expect(await conversation.turn()).toEqual({ kind: 'reply', reply: DONE });
  });

  it('is a question that came before anybody waited', async () => {
    const { conversation, ask } = start();
    ask(question('a'));

    expect(await questionsOf(conversation)).toEqual([['q1', 'a']]);
  });

  it('is a question that comes while somebody waits', async () => {
    const { conversation, ask } = start();
    const turn = questionsOf(conversation);
    ask(question('a'));

    expect(await turn).toEqual([['q1', 'a']]);
  });

  it('is all questions that came together, each given once', async () => {
    const { conversation, ask, end } = start();
    ask(question('a'));
    ask(question('b'));

    expect(await questionsOf(conversation)).toEqual([
      ['q1', 'a'],
      ['q2', 'b'],
    ]);
    end();
    expect(await conversation.turn()).toEqual({ kind: 'reply', reply: DONE });
  });

  it('has new keys in each round: an answer of the last one cannot be taken for this', async () => {
    const { conversation, ask } = start();
    ask(question('a'));
    await questionsOf(conversation);
    const second = questionsOf(conversation);
    ask(question('b'));

    expect(await second).toEqual([['q2', 'b']]);
  });

  it('is a question that was asked in the moment when the call began', async () => {
    const conversation = createConversation<string>((ask) => {
      ask(question('at once'));
      return new Promise(() => {});
    });

    expect(await questionsOf(conversation)).toEqual([['q1', 'at once']]);
  });
});
