import type { Opening } from './runtime.ts';
import type { SiteRequest } from './site-messages.ts';

/** A question that waits for the person: a request of a site, or Switchyard's own before a call. */
export type Ask =
  | { readonly kind: 'site'; readonly request: SiteRequest; readonly opening: Opening }
  | {
      readonly kind: 'own';
      readonly request: { readonly method: string; readonly paramsText: string };
      /** Takes the JSON text of the result; undefined when there is none. */
      readonly answer: (result: string | undefined) => void;
    };

/** What a call comes to next: its end, or questions that must be answered first. */
type Turn<Reply> =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'asks'; readonly asks: ReadonlyMap<string, Ask> };

/** A call under way at a site of the session era, taken turn by turn by a client of the modern one. */
export interface Conversation<Reply> {
  /** The next turn; questions that were taken are not given again. */
  turn(): Promise<Turn<Reply>>;
}

/** Runs a call that puts its questions by `ask`, from its first moment on. */
export function createConversation<Reply>(
  run: (ask: (ask: Ask) => void) => Promise<Reply>,
): Conversation<Reply> {
  let waiting = new Map<string, Ask>();
  let count = 0;
  let wake: (() => void) | undefined;

  function ask(each: Ask): void {
    count += 1;
    waiting.set(`q${count}`, each);
    wake?.();
  }

  const reply = run(ask);

  return {
    async turn() {
      const asked = new Promise<'asked'>((resolve) => {
        wake = () => resolve('asked');
        if (waiting.size > 0) wake();
      });
      const first = await Promise.race([reply, asked]);
      if (first !== 'asked') return { kind: 'reply', reply: first };
      const asks = waiting;
      waiting = new Map();
      return { kind: 'asks', asks };
    },
  };
}
