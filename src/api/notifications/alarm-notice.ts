import { alarmKey } from '../../core/lifecycle/vnf-alarms.ts';
import type { AlarmRecord, ServiceInstance } from '../../protocol/service-record.ts';

/** What the webhook of an alarm is told, in the form that Open Source MANO gives it (`notify_alarm`). */
export function alarmNotice({ id, name }: ServiceInstance, alarm: AlarmRecord) {
  const { vnf, vdu, metric, operation, value, state, sinceMs, reason } = alarm;
  return {
    schema_type: 'notify_alarm',
    schema_version: '1.1',
    notify_details: {
      alarm_uuid: `${id}/${alarmKey(alarm)}`,
      metric_name: metric,
      threshold_value: value,
      operation,
      status: state,
      start_date: new Date(sinceMs).toISOString(),
      description: reason,
      tags: { ns_id: id, ns_name: name, vnf_member_index: vnf, vdu_name: vdu },
    },
  };
}
