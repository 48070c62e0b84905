import { defineConfig } from 'vitest/config';

/** `SMOKE=1`: the part of them that `make test` runs. */
const smoke = process.env['SMOKE'] === '1';

/** The console in a real browser, against a real `muster up`: one after the other, since they share the machine. */
export default defineConfig({
  test: {
    include: [smoke ? 'test/browser/**/*.smoke.test.ts' : 'test/browser/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 180_000,
  },
});
