import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Workers get them as `--conditions`: with `import` among them, `require` would be given ES modules. */
const conditions = ['@switchyard/source', 'node', 'default'];

/** One project after the other: a worker that gets a file of another project must load everything anew. */
class ByProject extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => a.project.name.localeCompare(b.project.name));
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    globalSetup: ['./test/redis-server.ts'],
    // One worker a core: the tests wait for sockets and processes more than they compute.
    maxWorkers: '100%',
    // To load the SDK, zod and the rest anew for each file cost more than its tests. So a file must leave nothing behind:
    // no timer, no stub, no listener on the process.
    isolate: false,
    sequence: { sequencer: ByProject },
    // Nothing takes as long by itself; on a busy machine everything may.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['{packages,apps}/*/test/**/*.test.ts', 'test/**/*.test.ts'] },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['apps/*/test/**/*.e2e.ts'], globalSetup: ['./test/chromium.ts'] },
      },
    ],
  },
});
