import { createRealClock } from '../adapters/clock-real/real-clock.ts';
import { planeFeatures } from '../adapters/plane-linux/features.ts';
import { createLinuxTestbed } from '../adapters/plane-linux/linux-testbed.ts';
import type { Random } from '../ports/random.ts';
import { MusterError } from '../protocol/errors.ts';
import type { Scenario } from '../protocol/scenario.ts';
import type { BuiltTestbed } from './create-testbed.ts';

/** The Linux data plane; where something is missing, an error if it must be had, else undefined after saying so. */
export async function linuxTestbed(options: {
  readonly scenario: Scenario;
  readonly random: Random;
  readonly startMs: number;
  readonly onProgress: (text: string) => void;
  readonly must: boolean;
}): Promise<BuiltTestbed | undefined> {
  const { scenario, random, startMs, onProgress, must } = options;
  const missing = (await planeFeatures()).filter((each) => !each.available);
  const [first] = missing;
  if (first !== undefined) {
    const what = missing.map((each) => each.name).join(', ');
    if (must) {
      throw new MusterError(
        first.name === 'root' ? 'NEEDS_ROOT' : 'NOT_SUPPORTED',
        `the Linux data plane lacks: ${what}`,
        {
          hint: `${first.mend ?? 'bin/muster doctor'}; or run with --plane twin`,
        },
      );
    }
    onProgress(
      `the Linux data plane lacks ${what}: running in the twin instead (bin/muster doctor says more)`,
    );
    return undefined;
  }
  const clock = createRealClock({ startAtMs: startMs });
  const testbed = createLinuxTestbed({ scenario, random, clock, onProgress });
  return { plane: 'linux', testbed, clock, zeroNs: () => clock.zeroNs(), latencyMs: 1 };
}
