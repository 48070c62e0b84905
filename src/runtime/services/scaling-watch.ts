import {
  judgeScaling,
  NOTHING_PASSED,
  type ScalingMemory,
  scalingRules,
} from '../../core/lifecycle/scaling.ts';
import type { PlannedVnf } from '../../core/service-plan/resolve-vnfs.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { forgetOthers } from './forget-others.ts';
import type { Measurable, Readings } from './usage-watch.ts';

export interface ScalingDue {
  readonly vnf: string;
  readonly aspect: string;
  readonly direction: 'out' | 'in';
  readonly reason: string;
}

/** What scaling rules look at. */
export function scalingMeasures(vnfs: readonly PlannedVnf[]): readonly Measurable[] {
  return vnfs
    .flatMap(scalingRules)
    .flatMap(({ vnf, criteria }) => criteria.map(({ vdu, metric }) => ({ vnf, vdu, metric })));
}

interface Remembered {
  readonly memory: ScalingMemory;
  /** The level that it is about. */
  readonly level: number;
}

/** Remembers since when thresholds of scaling rules have been passed. */
export class ScalingWatch {
  readonly #wallMs: () => number;
  readonly #memories = new Map<string, Map<string, Remembered>>();

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** After a change of the service windows begin anew. */
  forget(service: string): void {
    this.#memories.delete(service);
  }

  /** Of other services nothing is remembered any more. */
  keepOnly(services: ReadonlySet<string>): void {
    forgetOthers(this.#memories, services);
  }

  /** Services of which something is remembered. */
  remembered(): readonly string[] {
    return [...this.#memories.keys()];
  }

  /** What is to be scaled now; undefined: nothing. `wait` is told what is over a threshold and waits all the same. */
  judge(
    service: ServiceInstance,
    vnfs: readonly PlannedVnf[],
    readings: Readings,
    wait: (key: string, text: string) => void,
  ): ScalingDue | undefined {
    const memories = this.#memories.get(service.id) ?? new Map<string, Remembered>();
    this.#memories.set(service.id, memories);
    let due: ScalingDue | undefined;
    for (const rule of vnfs.flatMap(scalingRules)) {
      const key = `${rule.vnf}/${rule.aspect}/${rule.policy}`;
      const before = memories.get(key);
      const { memory, verdict } = judgeScaling(
        rule,
        // At another level, whoever has set it, a window begins anew.
        before?.level === rule.level ? before.memory : NOTHING_PASSED,
        rule.criteria.map(({ vdu, metric }) => readings({ vnf: rule.vnf, vdu, metric })),
        service.marks.scaledAtMs[`${rule.vnf}/${rule.aspect}`],
        this.#wallMs(),
      );
      memories.set(key, { memory, level: rule.level });
      if (verdict.kind === 'wait') wait(`${key}/${verdict.untilMs ?? 'highest'}`, verdict.reason);
      if (verdict.kind === 'scale')
        due ??= { vnf: rule.vnf, aspect: rule.aspect, direction: verdict.direction, reason: verdict.reason };
    }
    return due;
  }
}
