import { Agent, type IncomingMessage, request } from 'node:http';

/** A call, and all that is needed to know its answer from every other. */
export interface PlannedCall {
  /** The accountId that upstream must see. */
  readonly caller: string;
  readonly authorization: string;
  /** The JSON text of the request id. */
  readonly idText: string;
  /** As Switchyard lists it. */
  readonly name: string;
  /** As upstream knows it. */
  readonly tool: string;
  readonly cloudId: string;
  /** The argument that takes the marker. */
  readonly argument: string;
  /** Unlike that of any other call. */
  readonly marker: string;
  /** Whether the caller may not use the site. */
  readonly isForbidden: boolean;
  /** Whether the client hangs up before it has its answer. */
  readonly leavesEarly: boolean;
}

/** What the call asked for · a refusal that was due · Switchyard's time limit · nothing, as nobody waited. */
type Outcome = 'own' | 'refused' | 'timedOut' | 'left';

/** What came back: how many answers of each kind, and the first few that were somebody else's. */
interface Tally {
  readonly answers: Readonly<Record<Outcome, number>>;
  readonly wrong: readonly { readonly asked: PlannedCall; readonly answer: string }[];
}

interface TrafficPlan {
  readonly count: number;
  readonly plan: (number: number) => PlannedCall;
  /** Runs before the call of this number is sent. */
  readonly beforeEach: (number: number) => void;
}

/** Sends calls, as many at once as there are connections, without any client library. */
interface Traffic {
  run(plan: TrafficPlan): Promise<Tally>;
  close(): void;
}

const MOST_SHOWN = 5;

export function createTraffic(url: string, { connections }: { readonly connections: number }): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  return {
    async run({ count, plan, beforeEach }) {
      const answers: Record<Outcome, number> = { own: 0, refused: 0, timedOut: 0, left: 0 };
      const wrong: { asked: PlannedCall; answer: string }[] = [];
      let next = 0;

      async function keepCalling(): Promise<void> {
        while (next < count && wrong.length < MOST_SHOWN) {
          const number = next;
          next += 1;
          beforeEach(number);
          const asked = plan(number);
          const answer = await send(asked);
          const outcome = answer === undefined ? 'left' : judge(asked, answer);
          if (outcome) answers[outcome] += 1;
          else wrong.push({ asked, answer: answer ?? '' });
        }
      }
      await Promise.all(Array.from({ length: connections }, keepCalling));
      return { answers, wrong };
    },
    close: () => agent.destroy(),
  };

  /** The body of the answer, or undefined for a client that did not wait for it. */
  function send(call: PlannedCall): Promise<string | undefined> {
    const { authorization, leavesEarly } = call;
    return new Promise((resolve, reject) => {
      const req = request(url, { agent, method: 'POST', headers: { ...HEADERS, authorization } });
      const fail = (error: Error): void => (leavesEarly ? resolve(undefined) : reject(error));
      req.on('error', fail);
      req.on('response', (response) => void readText(response).then(resolve, fail));
      req.end(bodyOf(call), () => leavesEarly && req.destroy());
    });
  }
}

/** Made by hand, as some ids do not survive a parser. */
function bodyOf({ idText, name, argument, marker }: PlannedCall): string {
  const args = JSON.stringify({ [argument]: marker });
  return `{"jsonrpc":"2.0","id":${idText},"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`;
}

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
};

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

interface Answer {
  readonly result?: {
    readonly content: readonly { readonly text: string }[];
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
  readonly error?: { readonly message: string };
}

/** What an answer is to the call that it came for; undefined: it belongs to another. */
function judge(asked: PlannedCall, text: string): Outcome | undefined {
  if (!hasId(text, asked.idText)) return undefined;
  const { result, error } = JSON.parse(text) as Answer;
  if (asked.isForbidden) return error?.message === `Unknown tool: ${asked.name}` ? 'refused' : undefined;
  if (result?._meta?.['switchyard/reason'] === 'timeout') return 'timedOut';
  return result && isEcho(asked, result.content[0]?.text ?? 'null') ? 'own' : undefined;
}

/** Quotes inside a text are escaped, so that no marker can look like this. */
function hasId(text: string, idText: string): boolean {
  return text.includes(`"id":${idText},"`) || text.endsWith(`"id":${idText}}`);
}

function isEcho({ tool, cloudId, argument, marker }: PlannedCall, text: string): boolean {
  const said = JSON.parse(text) as { data?: object } | null;
  const { data = said } = said ?? {};
  const { arguments: args, ...rest } = (data ?? {}) as { arguments?: Record<string, unknown> };
  return (
    JSON.stringify(rest) === JSON.stringify({ emulated: true, tool, cloudId }) && args?.[argument] === marker
  );
}
