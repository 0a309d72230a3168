// Writes as fast as it can until it is killed, and says how many events are on disk.
import { createAuditTrail, createFileSink } from '../dist/index.js';

const [directory = ''] = process.argv.slice(2);
const key = new Uint8Array(32).fill(7);
const sink = createFileSink({ directory, hostId: 'one', keys: [key], maxFileBytes: 200_000 });
const trail = createAuditTrail({ sink, key, commitMs: 1 });
for (let count = 0; ;) {
  for (let batch = 0; batch < 50; batch += 1, count += 1) {
    trail.record({
      event: 'call',
      decision: 'allow',
      outcome: 'ok',
      traceId: `${count}`,
      rule: 'x'.repeat(200),
    });
  }
  if (await trail.flush()) process.stdout.write(`${count}\n`);
}
