import type { Alarm } from '../../protocol/descriptors.ts';
import type { AlarmRecord } from '../../protocol/service-record.ts';
import type { PlannedVnf } from '../service-plan/resolve-vnfs.ts';
import { compares } from './relational.ts';

export type AlarmState = AlarmRecord['state'];

/** An alarm of a VDU's descriptor, and what it looks at. */
export interface AlarmRule {
  readonly vnf: string;
  readonly vdu: string;
  readonly alarm: Alarm;
  /** What is measured: the mean over the units of a VDU. Undefined: the descriptor names nothing that is measured of VDUs. */
  readonly measured: { readonly vnf: string; readonly vdu: string; readonly metric: string } | undefined;
}

/** A state that is about to take the place of the one that stands, and since when it is seen. */
export interface AlarmDoubt {
  readonly state: AlarmState;
  readonly sinceMs: number;
}

/** A descriptor says nothing of how long; shorter peaks than this are told to nobody. */
const HOLD_MS = 1000;

/** Alarms of a VNF; a parameter of the VDU's own counts before one of the same name elsewhere. */
export function alarmRules({ id: vnf, vnfd }: PlannedVnf): readonly AlarmRule[] {
  return vnfd.vdus.flatMap((own) =>
    own.alarms.map((alarm): AlarmRule => {
      const found = [own, ...vnfd.vdus].flatMap((vdu) =>
        vdu.monitoring.flatMap(({ id, metric }) =>
          id === alarm.monitoring ? [{ vnf, vdu: vdu.id, metric }] : [],
        ),
      );
      return { vnf, vdu: own.id, alarm, measured: found[0] };
    }),
  );
}

/** What an alarm comes to at one moment. `stands`: as it was told last; undefined: it has not been judged yet. */
export function judgeAlarm(
  rule: AlarmRule,
  reading: number | undefined,
  stands: AlarmState | undefined,
  doubt: AlarmDoubt | undefined,
  nowMs: number,
): { readonly doubt: AlarmDoubt | undefined; readonly changed: AlarmRecord | undefined } {
  const { operation = '', value } = rule.alarm;
  const passed = value === undefined ? undefined : compares(reading, operation, value);
  const state = passed === undefined ? 'insufficient-data' : passed ? 'alarm' : 'ok';
  if (state === stands) return { doubt: undefined, changed: undefined };
  const sinceMs = doubt?.state === state ? doubt.sinceMs : nowMs;
  if (nowMs - sinceMs < HOLD_MS) return { doubt: { state, sinceMs }, changed: undefined };
  return { doubt: undefined, changed: alarmRecord(rule, state, reading, sinceMs) };
}

function alarmRecord(
  rule: AlarmRule,
  state: AlarmState,
  reading: number | undefined,
  sinceMs: number,
): AlarmRecord {
  const { vnf, vdu, alarm, measured } = rule;
  return {
    vnf,
    vdu,
    alarm: alarm.id,
    metric: measured?.metric ?? null,
    operation: alarm.operation ?? null,
    value: alarm.value ?? null,
    state,
    sinceMs,
    reason: reasonOf(rule, reading),
  };
}

function reasonOf({ vnf, alarm, measured }: AlarmRule, reading: number | undefined): string {
  const { operation = 'no operation', value, monitoring } = alarm;
  if (value === undefined) return 'the descriptor gives it no value to compare with';
  if (measured === undefined) return `${monitoring ?? 'its parameter'} is not measured of a VDU`;
  const of = `${measured.metric} of ${vnf}/${measured.vdu}`;
  if (reading === undefined) return `nothing is known of ${of}`;
  if (compares(reading, operation, value) === undefined) return `${operation} is no comparison`;
  return `${of} is ${Math.round(reading * 10) / 10} (${operation.toUpperCase()} ${value})`;
}

/** By which an alarm of a service is known. */
export function alarmKey({ vnf, vdu, alarm }: Pick<AlarmRecord, 'vnf' | 'vdu' | 'alarm'>): string {
  return `${vnf}/${vdu}/${alarm}`;
}
