import type { Infrastructure } from '../../ports/infrastructure.ts';
import type { UnitRecord } from '../../protocol/service-record.ts';
import { inTime } from '../in-time.ts';
import { readingOf, type UsageSample } from '../services/usage-readings.ts';

/** Metrics of one unit by the names of `METRICS`; what is not known is not in it. */
export type UnitReadings = (metric: string) => number | undefined;

/** Who asks again sooner is answered from the same sample on: over less, rates say little. */
const AT_LEAST_MS = 1000;
const READ_WITHIN_MS = 2000;

/** Measures units whenever somebody asks, since when somebody has asked before. */
export class UnitMeter {
  readonly #infrastructure: () => Pick<Infrastructure, 'usage'> | undefined;
  readonly #nowMs: () => number;
  #samples = new Map<string, UsageSample>();

  constructor(infrastructure: () => Pick<Infrastructure, 'usage'> | undefined, nowMs: () => number) {
    this.#infrastructure = infrastructure;
    this.#nowMs = nowMs;
  }

  /** Those that cannot be asked now are not in it. */
  async read(units: readonly UnitRecord[]): Promise<ReadonlyMap<string, UnitReadings>> {
    const infrastructure = this.#infrastructure();
    if (infrastructure === undefined) return new Map();
    const running = units.filter(({ state }) => state === 'running');
    const asked = running.map(({ id }) =>
      inTime(
        infrastructure.usage(id).catch(() => undefined),
        undefined,
        READ_WITHIN_MS,
      ),
    );
    const usages = await Promise.all(asked);
    const atMs = this.#nowMs();
    const before = this.#samples;
    const next = new Map<string, UsageSample>();
    const readings = new Map<string, UnitReadings>();
    running.forEach(({ id, unit }, index) => {
      const usage = usages[index];
      const former = before.get(id);
      if (usage === undefined) return;
      const sample = { atMs, usage };
      readings.set(id, (metric) => readingOf(metric, former, sample, unit.demand));
      next.set(id, former !== undefined && atMs - former.atMs < AT_LEAST_MS ? former : sample);
    });
    this.#samples = next;
    return readings;
  }
}
