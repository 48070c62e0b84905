import {
  judgeScaling,
  NOTHING_PASSED,
  type RuleCriterion,
  type ScalingMemory,
  type ScalingRule,
  scalingRules,
} from '../../core/lifecycle/scaling.ts';
import type { PlannedVnf } from '../../core/service-plan/resolve-vnfs.ts';
import type { Infrastructure } from '../../ports/infrastructure.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { forgetOthers, serviceOf } from './forget-others.ts';
import { readingOf, type UsageSample } from './usage-readings.ts';

export interface ScalingDue {
  readonly vnf: string;
  readonly aspect: string;
  readonly direction: 'out' | 'in';
  readonly reason: string;
}

/** Measures units that scaling rules look at, and remembers since when thresholds have been passed. */
export class ScalingWatch {
  readonly #infrastructure: Infrastructure;
  readonly #wallMs: () => number;
  readonly #samples = new Map<string, UsageSample>();
  readonly #memories = new Map<string, Map<string, ScalingMemory>>();

  constructor(infrastructure: Infrastructure, wallMs: () => number) {
    this.#infrastructure = infrastructure;
    this.#wallMs = wallMs;
  }

  /** After a change of the service windows begin anew. */
  forget(service: string): void {
    this.#memories.delete(service);
  }

  /** Of other services nothing is remembered any more. */
  keepOnly(services: ReadonlySet<string>): void {
    forgetOthers(this.#samples, services);
    forgetOthers(this.#memories, services);
  }

  /** Services of which something is remembered. */
  remembered(): ReadonlySet<string> {
    return new Set([...this.#samples.keys(), ...this.#memories.keys()].map(serviceOf));
  }

  /** What is to be scaled now; undefined: nothing. `wait` is told what is over a threshold and waits all the same. */
  async judge(
    service: ServiceInstance,
    vnfs: readonly PlannedVnf[],
    wait: (key: string, text: string) => void,
  ): Promise<ScalingDue | undefined> {
    const rules = vnfs.flatMap(scalingRules);
    const readings = await this.#measure(service, rules);
    const memories = this.#memories.get(service.id) ?? new Map<string, ScalingMemory>();
    this.#memories.set(service.id, memories);
    let due: ScalingDue | undefined;
    for (const rule of rules) {
      const key = `${rule.vnf}/${rule.aspect}/${rule.policy}`;
      const { memory, verdict } = judgeScaling(
        rule,
        memories.get(key) ?? NOTHING_PASSED,
        rule.criteria.map((criterion) => readings.get(readingKey(rule.vnf, criterion))),
        service.marks.scaledAtMs[`${rule.vnf}/${rule.aspect}`],
        this.#wallMs(),
      );
      memories.set(key, memory);
      if (verdict.kind === 'wait') wait(`${key}/${verdict.untilMs ?? 'highest'}`, verdict.reason);
      if (verdict.kind === 'scale')
        due ??= { vnf: rule.vnf, aspect: rule.aspect, direction: verdict.direction, reason: verdict.reason };
    }
    return due;
  }

  /** Mean of each metric over the units of its VDU; absent: nothing is known. */
  async #measure(
    service: ServiceInstance,
    rules: readonly ScalingRule[],
  ): Promise<ReadonlyMap<string, number>> {
    const readings = new Map<string, number>();
    const before = new Map(this.#samples);
    const fresh = new Map<string, UsageSample>();
    for (const { vnf, criterion } of rules.flatMap(({ vnf: id, criteria }) =>
      criteria.map((each) => ({ vnf: id, criterion: each })),
    )) {
      const { vdu, metric } = criterion;
      if (metric === undefined || readings.has(readingKey(vnf, criterion))) continue;
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
        readings.set(readingKey(vnf, criterion), values.reduce((sum, each) => sum + each, 0) / values.length);
    }
    for (const id of this.#samples.keys()) if (id.startsWith(`${service.id}/`)) this.#samples.delete(id);
    for (const [id, sample] of fresh) this.#samples.set(id, sample);
    return readings;
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

function readingKey(vnf: string, { vdu, metric }: RuleCriterion): string {
  return `${vnf}/${vdu ?? ''}/${metric ?? ''}`;
}
