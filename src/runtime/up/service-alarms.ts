import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { Alarm } from '../../protocol/up-status.ts';
import type { ServiceControl } from '../service-control/service-control.ts';
import { UNBOOKED_MEND, type Unbooked } from '../services/misfits.ts';

/** Services that are named in one alarm at most. */
const NAMED = 10;

const ofService = (id: string) => ({ kind: 'service', id }) as const;

/** What an operator has to know of services, as sentences; empty: all is well. */
export function serviceAlarms(
  services: readonly ServiceInstance[],
  lostSites: readonly string[],
  /** Operations that wait for an operator, and the last one of each service where it was begun by Muster and came to nothing. */
  troubled: readonly Operation[],
  /** Services that run without a booking since they were taken over. */
  unbooked: readonly Unbooked[] = [],
  /** Services whose control agents are not as they are to be. */
  lacking: ServiceControl['lacking'] = [],
): readonly Alarm[] {
  const alarms = lostSites.map((site): Alarm => {
    const about: Alarm['about'] = [{ kind: 'site', id: site }];
    const there = services.filter(({ shape }) => shape.units.some((unit) => unit.site === site));
    const named = there.slice(0, NAMED).map(({ name }) => name);
    const more = there.length > NAMED ? `, and ${there.length - NAMED} more` : '';
    const text =
      there.length === 0
        ? `the site ${site} does not answer; nothing of a service is there`
        : `the site ${site} does not answer; there are units of ${named.join(', ')}${more}`;
    return { text, about: [...about, ...there.slice(0, NAMED).map(({ id }) => ofService(id))] };
  });
  for (const { id, service, serviceName, params, errors, state } of troubled) {
    const why = errors.findLast(({ severity }) => severity === 'error')?.message ?? 'no reason is known';
    alarms.push({
      text:
        state === 'FAILED_TEMP'
          ? `${serviceName}: ${params.kind} has failed and waits (${why}); muster service operation retry ${id}, rollback, or fail`
          : `${serviceName}: ${params.kind} came to nothing (${why})`,
      about: [ofService(service)],
    });
  }
  for (const { id, name, shape } of services) {
    const found = unbooked.find(({ service }) => service === id);
    if (found === undefined || !shape.units.some((each) => found.units.includes(each.id))) continue;
    alarms.push({
      text: `${name} could not be booked where it runs (${found.reason}); ${UNBOOKED_MEND}`,
      about: [ofService(id)],
    });
  }
  for (const { id, name, shape, notes, operation } of services) {
    const failed = shape.units.filter(({ state }) => state === 'failed');
    const [first] = failed;
    if (first === undefined) continue;
    // While an operation is under way it is being seen to.
    const next = notes[0] ?? (operation === null ? 'it is about to be healed' : 'an operation is under way');
    alarms.push({
      text: `${name}: ${failed.length} of ${shape.units.length} units do not run, ${first.unit.id} first (${first.reason ?? 'no reason is known'}); ${next}`,
      about: [ofService(id)],
    });
  }
  for (const { service, lacks } of lacking) {
    const told = lacks.map(({ reason, mend }) => `${reason}; ${mend}`).join('. ');
    alarms.push({
      text: `the control agents of ${service.name} are not as planned: ${told}`,
      about: [ofService(service.id)],
    });
  }
  for (const { id, name, alarms: own } of services) {
    for (const { vnf, vdu, alarm, reason } of own.filter(({ state }) => state === 'alarm').slice(0, NAMED)) {
      const text = `${name}: the alarm ${alarm} of ${vnf}/${vdu} is raised: ${reason}`;
      alarms.push({ text, about: [ofService(id)] });
    }
  }
  return alarms;
}
