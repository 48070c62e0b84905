import { defineConfig } from 'vitest/config';

/** `LONG=1`: those that take longer, see `make test-long`. */
const long = process.env['LONG'] === '1';

/** Pipelines of real processes with their ledger: one at a time, since they share the machine. */
export default defineConfig({
  test: {
    include: [long ? 'test/genuine/**/*.long.test.ts' : 'test/genuine/**/*.test.ts'],
    exclude: long ? [] : ['**/*.long.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
