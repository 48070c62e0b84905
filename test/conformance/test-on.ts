import { test } from 'vitest';
import { WithheldMeter } from '../../src/adapters/machine-linux/withheld-time.ts';
import { disturbanceInWords } from '../../src/runtime/report/verdict.ts';

class FellShort extends Error {}

/** An assertion about a rate, a count or a time: only of these is it an excuse that the machine had no time for us. */
export function measured(assertion: () => void): void {
  try {
    assertion();
  } catch (error) {
    throw new FellShort(String(error), { cause: error });
  }
}

/**
 * Tests of a data plane, each with `tidy` before and after it. On real packets, while the machine's host gives its processors to others,
 * what was `measured` and fell short shows nothing: the test is skipped, with that measurement as the reason.
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
        if (disturbance !== null && error instanceof FellShort) skip(`${error.message}. ${disturbance}`);
        throw error;
      } finally {
        meter.stop();
      }
    });
}
