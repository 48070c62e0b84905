import { defineConfig } from 'vitest/config';

/** All that needs no root: `npm test`. What needs real packets has configurations of its own. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: [
      'test/linux/**',
      'test/packets/**',
      'test/genuine/**',
      'test/browser/**',
      'test/conformance/linux.test.ts',
      'node_modules/**',
    ],
    testTimeout: 120_000,
    // What is waited for comes at once, but not where others take the processors away.
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 2,
  },
});
