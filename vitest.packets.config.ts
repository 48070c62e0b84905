import { defineConfig } from 'vitest/config';

/** `LONG=1`: those that take longer, see `make test-functions`. */
const long = process.env['LONG'] === '1';

/** On real packets, one after the other: what is quick (the demo, the data plane's conformance, tunnels between sites) is part of `make test`. */
export default defineConfig({
  test: {
    include: long
      ? ['test/packets/**/*.long.test.ts']
      : ['test/packets/**/*.test.ts', 'test/conformance/linux.test.ts'],
    exclude: long ? [] : ['**/*.long.test.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
