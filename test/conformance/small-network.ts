import type { Scenario } from '../../src/protocol/scenario.ts';
import { ScenarioSchema } from '../../src/protocol/scenario.ts';

/** Bytes of a SYN frame, and what each of the three sources sends: some 81 kB/s. */
export const SYN_BYTES = 54;
export const RATE_PPS = 1500;

/** Two switches, a server behind a link of 600 kB/s, four readers and three sources of SYNs. */
export function smallNetwork(options: {
  readonly synCookies: boolean;
  readonly capacity?: number;
}): Scenario {
  return ScenarioSchema.parse({
    name: 'small',
    title: 'a small network',
    durationMs: 60_000,
    topology: {
      switches: ['s1', 's2'],
      trunks: [{ from: 's1', to: 's2' }],
      hosts: [
        {
          name: 'srv',
          switch: 's2',
          cpu: 8,
          memoryGb: 8,
          capacityBytesPerSec: options.capacity ?? 600_000,
          queueBytes: 32_768,
        },
        { name: 'other', switch: 's2', cpu: 1, memoryGb: 1, capacityBytesPerSec: 600_000 },
      ],
      accessPoints: [{ name: 'ap', switch: 's1' }],
    },
    functions: [
      { name: 'web', kind: 'web-server', cpu: 1, memoryGb: 1, synCookies: options.synCookies, backlog: 64 },
    ],
    users: [{ name: 'readers', behaviour: 'page', count: 4, at: ['ap'], target: 'web', thinkMs: 100 }],
    attacks: [
      {
        name: 'flood',
        kind: 'syn-flood',
        at: ['ap'],
        target: 'web',
        startMs: 0,
        durationMs: 60_000,
        ratesPps: [RATE_PPS, RATE_PPS, RATE_PPS],
      },
    ],
  });
}
