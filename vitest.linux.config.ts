import { defineConfig } from 'vitest/config';

/** Every scenario on real packets: `make test-linux`. */
export default defineConfig({
  test: {
    include: ['test/linux/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 400_000,
    hookTimeout: 180_000,
  },
});
