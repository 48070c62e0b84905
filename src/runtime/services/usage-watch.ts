import type { Infrastructure } from '../../ports/infrastructure.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { forgetOthers, serviceOf } from './forget-others.ts';
import { readingOf, type UsageSample } from './usage-readings.ts';

/** A metric of a VDU; undefined: the descriptor names none that there is. */
export interface Measurable {
  readonly vnf: string;
  readonly vdu: string | undefined;
  readonly metric: string | undefined;
}

/** The mean of a metric over the units of its VDU; undefined: nothing is known. */
export type Readings = (of: Measurable) => number | undefined;

/** Measures units that rules and alarms look at, from one look to the next. */
export class UsageWatch {
  readonly #infrastructure: Infrastructure;
  readonly #wallMs: () => number;
  readonly #samples = new Map<string, UsageSample>();

  constructor(infrastructure: Infrastructure, wallMs: () => number) {
    this.#infrastructure = infrastructure;
    this.#wallMs = wallMs;
  }

  /** Of other services nothing is remembered any more. */
  keepOnly(services: ReadonlySet<string>): void {
    forgetOthers(this.#samples, services);
  }

  /** Services of which something is remembered. */
  remembered(): readonly string[] {
    return [...this.#samples.keys()].map(serviceOf);
  }

  /** Asks each unit once, however many look at it. */
  async measure(service: ServiceInstance, all: readonly Measurable[]): Promise<Readings> {
    const readings = new Map<string, number>();
    const before = new Map(this.#samples);
    const fresh = new Map<string, UsageSample>();
    for (const one of all) {
      const { vnf, vdu, metric } = one;
      if (metric === undefined || readings.has(keyOf(one))) continue;
      const units = service.shape.units.filter(
        (each) => each.vnf === vnf && each.vdu === vdu && each.state === 'running',
      );
      const values: number[] = [];
      for (const { id, unit } of units) {
        const sample = fresh.get(id) ?? (await this.#sample(id));
        if (sample === undefined) continue;
        fresh.set(id, sample);
        const value = readingOf(metric, before.get(id), sample, unit.demand);
        if (value !== undefined) values.push(value);
      }
      if (values.length > 0)
        readings.set(keyOf(one), values.reduce((sum, each) => sum + each, 0) / values.length);
    }
    for (const id of this.#samples.keys()) if (id.startsWith(`${service.id}/`)) this.#samples.delete(id);
    for (const [id, sample] of fresh) this.#samples.set(id, sample);
    return (of) => readings.get(keyOf(of));
  }

  /** Undefined: it cannot be asked now; its healing is somebody else's business. */
  async #sample(id: string): Promise<UsageSample | undefined> {
    try {
      return { atMs: this.#wallMs(), usage: await this.#infrastructure.usage(id) };
    } catch {
      return undefined;
    }
  }
}

function keyOf({ vnf, vdu, metric }: Measurable): string {
  return `${vnf}/${vdu ?? ''}/${metric ?? ''}`;
}
