import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { startRouter } from '../interactive/router.ts';
import { call, readOn } from './large-client.ts';
import { sendAnswer, startLargeSite } from './large-site.ts';

const CALLS = 300;
const AT_ONCE = 24;

/** A text of its own for each answer, between a few bytes and some hundred KB. */
function textFor(number: number): string {
  const word = createHash('sha256').update(String(number)).digest('base64url');
  return word.repeat(1 + ((number * 7_919) % 6_000));
}

it(
  'every reader gets its own answer, however slowly it reads while others come and go (I1)',
  { timeout: 120_000 },
  async () => {
    let asked = 0;
    const site = await startLargeSite('legacy', ({ res, id }) => {
      asked += 1;
      const body = `{"jsonrpc":"2.0","id":${id},"result":{"number":${asked},"text":"${textFor(asked)}"}}`;
      sendAnswer(res, asked % 5 === 0 ? 'chunked' : 'length', body);
    });
    const { url } = await startRouter(site.url);
    const numbers: number[] = [];

    async function reader(which: number): Promise<void> {
      for (let each = which; each < CALLS; each += AT_ONCE) {
        const server = each % 7 === 0 ? 'node' : 'lane';
        const era = each % 3 === 0 ? 'modern' : 'legacy';
        const response = await call(url, { server, era, id: String(each) });
        if (each % 4 === 0) await delay(200);
        const { id, result } = JSON.parse(await readOn(response)) as {
          id: number;
          result: { number: number; text: string };
        };
        expect(id).toBe(each);
        expect(result.text === textFor(result.number)).toBe(true);
        numbers.push(result.number);
      }
    }

    await Promise.all(Array.from({ length: AT_ONCE }, (_, which) => reader(which)));
    expect(new Set(numbers).size).toBe(CALLS);
  },
);
