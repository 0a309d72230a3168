// A replica that renews one link and hangs where it is told to, until it is killed.
import { Secret } from '@switchyard/catalogue';
import { Redis } from 'ioredis';

import { createKeyRing, createRedisState, createVault } from '../../dist/index.js';

const [redisUrl = '', prefix = '', server = '', now = '', hangAt = ''] = process.argv.slice(2);
const state = createRedisState({ redis: new Redis(redisUrl), prefix });
const storing = {
  ...state,
  async put(...written) {
    if (hangAt === 'storing') await said('storing');
    return state.put(...written);
  },
  async removeMember(...removed) {
    if (hangAt === 'stored') await said('stored');
    return state.removeMember(...removed);
  },
};
const vault = createVault({
  state: storing,
  keys: createKeyRing([{ id: 'k1', secret: new Secret('k1 is a key of at least 32 bytes') }]),
  grants: { refresh, revoke: async () => {} },
  credentialKey: new Uint8Array(32).fill(7),
  now: () => Number(now),
});
const [link] = await vault.linksOf('person-alice');
await link?.fresh();

async function refresh({ refreshToken }) {
  const answer = await fetch(server, { method: 'POST', body: refreshToken });
  return await answer.json();
}

/** Never returns. */
async function said(what) {
  process.stdout.write(`${what}\n`);
  await new Promise(() => {});
}
