import { createPacedClock } from '../adapters/clock-paced/paced-clock.ts';
import { createVirtualClock } from '../adapters/clock-virtual/virtual-clock.ts';
import { createTwinTestbed } from '../adapters/plane-twin/twin-testbed.ts';
import { createSeededRandom } from '../adapters/random-seeded/seeded-random.ts';
import type { DrivenClock } from '../ports/drive.ts';
import type { Testbed } from '../ports/testbed.ts';
import type { Scenario } from '../protocol/scenario.ts';

export interface BuiltTestbed {
  readonly plane: 'twin' | 'linux';
  readonly testbed: Testbed;
  readonly clock: DrivenClock;
  /** The instant of the machine's monotonic clock at which it is 0 there, ns; undefined: time is virtual. */
  zeroNs(): bigint | undefined;
  /** Time that a message takes between agents, and between an event and the cycle that takes it, ms. */
  readonly latencyMs: number;
}

/** Makes the data plane that was asked for; `auto` is the real one where it can be had. */
export async function createTestbed(
  scenario: Scenario,
  plane: 'twin' | 'linux' | 'auto',
  seed: number,
  startMs: number,
  onProgress: (text: string) => void,
  /** The twin keeps step with the wall: agents live in processes of their own. */
  paced = false,
): Promise<BuiltTestbed> {
  const random = createSeededRandom(seed);
  if (plane !== 'twin') {
    const { linuxTestbed } = await import('./linux-testbed.ts');
    const linux = await linuxTestbed({ scenario, random, startMs, onProgress, must: plane === 'linux' });
    if (linux !== undefined) return linux;
  }
  const wall = paced ? createPacedClock({ startAtMs: startMs }) : undefined;
  const clock = wall ?? createVirtualClock({ startAtMs: startMs });
  const testbed = createTwinTestbed({ scenario, random, clock, onProgress });
  return { plane: 'twin', testbed, clock, zeroNs: () => wall?.zeroNs(), latencyMs: 1 };
}
