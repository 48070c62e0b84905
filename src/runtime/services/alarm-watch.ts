import { type AlarmDoubt, alarmKey, alarmRules, judgeAlarm } from '../../core/lifecycle/vnf-alarms.ts';
import type { PlannedVnf } from '../../core/service-plan/resolve-vnfs.ts';
import type { AlarmRecord, ServiceInstance } from '../../protocol/service-record.ts';
import { forgetOthers } from './forget-others.ts';
import { inBounds } from './in-bounds.ts';
import type { Measurable, Readings } from './usage-watch.ts';

/** An alarm that is in another state than before, and who is to be told. */
export interface AlarmChange {
  readonly alarm: AlarmRecord;
  readonly webhooks: readonly string[];
}

/** Of a service so many are kept. */
const MOST_ALARMS = 500;

/** What alarms look at. */
export function alarmMeasures(vnfs: readonly PlannedVnf[]): readonly Measurable[] {
  return vnfs.flatMap(alarmRules).flatMap(({ measured }) => measured ?? []);
}

/** Remembers what alarms are about to come to. As what they stand is on record. */
export class AlarmWatch {
  readonly #wallMs: () => number;
  readonly #doubts = new Map<string, Map<string, AlarmDoubt>>();

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** Of other services nothing is remembered any more. */
  keepOnly(services: ReadonlySet<string>): void {
    forgetOthers(this.#doubts, services);
  }

  /** Services of which something is remembered. */
  remembered(): readonly string[] {
    return [...this.#doubts.keys()];
  }

  /** Alarms as they are to be recorded now; undefined: as they are. One that the descriptor has no more is over, and nobody's webhook. */
  judge(
    service: ServiceInstance,
    vnfs: readonly PlannedVnf[],
    readings: Readings,
  ): { readonly alarms: readonly AlarmRecord[]; readonly changes: readonly AlarmChange[] } | undefined {
    const nowMs = this.#wallMs();
    const rules = vnfs.flatMap(alarmRules).slice(0, MOST_ALARMS);
    const before = new Map(service.alarms.map((each) => [alarmKey(each), each]));
    const doubts = this.#doubts.get(service.id);
    const next = new Map<string, AlarmDoubt>();
    const changes: AlarmChange[] = [];
    const alarms = rules.flatMap((rule) => {
      const key = alarmKey({ vnf: rule.vnf, vdu: rule.vdu, alarm: rule.alarm.id });
      const stands = before.get(key);
      before.delete(key);
      const reading = rule.measured && readings(rule.measured);
      const { doubt, changed } = judgeAlarm(rule, reading, stands?.state, doubts?.get(key), nowMs);
      if (doubt !== undefined) next.set(key, doubt);
      if (changed === undefined) return stands ?? [];
      const alarm = { ...changed, reason: inBounds(changed.reason) };
      const urls = rule.alarm.webhooks.flatMap(({ on, url }) => (on === alarm.state ? [url] : []));
      // That all is well from the beginning is news to nobody.
      if (stands !== undefined || alarm.state !== 'ok') changes.push({ alarm, webhooks: urls });
      return alarm;
    });
    for (const gone of before.values()) {
      const reason = 'its descriptor does not have it any more';
      if (gone.state !== 'ok')
        changes.push({ alarm: { ...gone, state: 'ok', sinceMs: nowMs, reason }, webhooks: [] });
    }
    if (next.size > 0) this.#doubts.set(service.id, next);
    else this.#doubts.delete(service.id);
    const same =
      alarms.length === service.alarms.length && alarms.every((each) => service.alarms.includes(each));
    return same ? undefined : { alarms, changes };
  }
}
