import { defineConfig } from 'vitest/config';

/** What is quick on real packets: the demo and the data plane's conformance, one after the other. Part of `make test`. */
export default defineConfig({
  test: {
    include: ['test/packets/**/*.test.ts', 'test/conformance/linux.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
