import { defineConfig } from 'vitest/config';

/** Pipelines of real processes with their ledger: one at a time, since they share the machine. */
export default defineConfig({
  test: {
    include: ['test/genuine/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
