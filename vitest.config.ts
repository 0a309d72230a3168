import { defineConfig } from 'vitest/config';

/** Workers get them as `--conditions`: with `import` among them, `require` would be given ES modules. */
const conditions = ['@switchyard/source', 'node', 'default'];

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
    testTimeout: 20_000,
    hookTimeout: 30_000,
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
