import { test } from 'vitest';
import { WithheldMeter } from '../../src/adapters/machine-linux/withheld-time.ts';
import { disturbanceInWords } from '../../src/runtime/report/verdict.ts';

/**
 * Tests of a data plane, each with `tidy` before and after it. On real packets one that fails while the machine's host gives its processors to others
 * shows nothing, either way: it is skipped, with that measurement as the reason.
 */
export function testOn(kind: 'twin' | 'linux', tidy: () => Promise<void> = async () => {}) {
  return (name: string, body: () => Promise<void>): void =>
    test(name, async ({ skip }) => {
      const meter = new WithheldMeter();
      try {
        // What the one before could not tidy up.
        await tidy();
        try {
          await body();
        } finally {
          await tidy();
        }
      } catch (error) {
        const withheld = meter.stop();
        const disturbance =
          kind === 'linux' && withheld !== undefined ? disturbanceInWords({ withheld }) : null;
        if (disturbance !== null) skip(`${String(error)}. ${disturbance}`);
        throw error;
      } finally {
        meter.stop();
      }
    });
}
