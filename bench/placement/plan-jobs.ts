import type { Job } from './job.ts';
import { ARMS, PLAIN } from './job.ts';
import type { TopologyName } from './virne.ts';

export interface Selection {
  readonly seeds: number;
  readonly arms: readonly Job['arm'][];
  readonly topologies: readonly TopologyName[];
}

const [AUCTION, CENTRAL] = ARMS;
/** Seeds of what is long, or only shows what stress costs. */
const FEW = 5;
/** Requests where every message is late: virtual time is not free either. */
const SOME = 300;

/** All runs of the bench, the ones that targets rest on first: what the time does not suffice for is at the end. */
export function planJobs({ seeds, arms, topologies }: Selection): readonly Job[] {
  const auction = arms.includes(AUCTION);
  const geant = topologies.includes('Geant');
  const times = seedsOf(Math.min(seeds, 3)).map(
    (seed): Job => ({
      ...PLAIN,
      kind: 'times',
      topology: 'Geant',
      arm: AUCTION,
      seed,
      variant: 'decision times',
    }),
  );
  const four = seedsOf(2 * seeds).map(
    (seed): Job => ({
      ...PLAIN,
      kind: 'four-sites',
      topology: 'Geant',
      arm: AUCTION,
      seed,
      variant: 'four sites',
    }),
  );
  const plain = topologies
    .filter((topology) => topology !== 'Brain')
    .flatMap((topology) =>
      seedsOf(seeds).flatMap((seed) => arms.map((arm): Job => ({ ...PLAIN, topology, arm, seed }))),
    );
  const bytes = topologies.map(
    (topology): Job => ({
      ...PLAIN,
      topology,
      arm: AUCTION,
      seed: 1,
      requests: 100,
      countBytes: true,
      variant: 'bytes counted',
    }),
  );
  const stale = [0.1, 0.5].flatMap((age) => stressed(seeds, { age, variant: `views ${age} old` }));
  const bursts = [
    ...stressed(seeds, { burst: 20, variant: 'bursts of 20' }),
    ...stressed(seeds, { burst: 20, variant: 'bursts of 20', arm: CENTRAL }),
  ];
  const losses = [0, 0.02, 0.05, 0.1].flatMap((loss) =>
    stressed(Math.min(seeds, 3), {
      loss,
      delayMs: 5,
      requests: SOME,
      variant: `delay 5-10 ms, loss ${Math.round(100 * loss)} %`,
    }),
  );
  const brain = topologies.includes('Brain')
    ? seedsOf(Math.min(seeds, 3)).flatMap((seed) =>
        arms.map((arm): Job => ({ ...PLAIN, topology: 'Brain', arm, seed })),
      )
    : [];
  return [
    ...(auction ? times : []),
    ...plain,
    ...(auction ? four : []),
    ...(auction ? bytes : []),
    ...(auction && geant ? [...stale, ...bursts, ...losses] : []),
    ...brain,
  ];
}

function seedsOf(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function stressed(seeds: number, how: Partial<Job>): readonly Job[] {
  return seedsOf(Math.min(seeds, FEW)).map(
    (seed): Job => ({ ...PLAIN, topology: 'Geant', arm: AUCTION, seed, ...how }),
  );
}
