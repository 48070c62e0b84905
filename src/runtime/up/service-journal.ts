import { whatWentWrong } from '../../core/lifecycle/operation-machine.ts';
import { alarmKey } from '../../core/lifecycle/vnf-alarms.ts';
import type { Improved } from '../../protocol/improved-service.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { AlarmRecord, ServiceInstance, UnitRecord } from '../../protocol/service-record.ts';
import type { JournalWriter } from '../journal-writer.ts';
import type { ServiceOperations } from '../services/operations.ts';

/** How an alarm of a VNFD stands in the journal. */
const ALARM_FAULTS = {
  alarm: 'alarm-raised',
  ok: 'alarm-cleared',
  'insufficient-data': 'alarm-without-data',
} as const satisfies Record<AlarmRecord['state'], string>;

/** Services of which is remembered how they were placed last. */
const REMEMBERED = 5000;

/**
 * Records what is done to services, step by step, and why: an operation follows from what made it necessary, its placement from the
 * auctions of the service. Answers how to stop.
 */
export function keepServiceJournal(
  services: Pick<ServiceOperations, 'listen'>,
  journal: JournalWriter,
  nowMs: () => number,
): () => void {
  /** Newest entry of an operation, and its steps as they were told. */
  const told = new Map<string, { readonly entry: string; readonly steps: string; readonly state: string }>();
  /** Of each service, the auction that placed it last; of each unit that has failed, the entry that says so. */
  const auctions = new Map<string, string>();
  const failures = new Map<string, string>();
  const silences = new Map<string, string>();
  /** Of each service: the auction in which it was last asked what it would cost elsewhere, and what came of that; its last operation. */
  const soundings = new Map<string, string>();
  const offers = new Map<string, string>();
  const last = new Map<string, string>();
  /** Of each alarm, the entry that has told of it last. */
  const alarms = new Map<string, string>();
  let open = true;

  journal.listen((entry) => {
    if (!open) return;
    const about = entry.kind === 'auction' && entry.status !== 'opened' ? aboutService(entry) : undefined;
    if (about !== undefined)
      remember(about.goal === 'servicePlaced' ? auctions : soundings, about.service, entry.id);
    if (entry.kind === 'fault' && entry.fault === 'site-silent') remember(silences, entry.subject, entry.id);
  });
  const unlisten = services.listen((event) => {
    if (event.kind === 'operation') tell(event.operation);
    else if (event.kind === 'offer') tellOffer(event.service, event.improved);
    else if (event.kind === 'alarm') tellAlarm(event.service, event.alarm);
    else for (const unit of event.service.shape.units) tellFailure(unit);
  });

  function tell(operation: Operation): void {
    const { id, service, serviceName, params, state, steps, reason } = operation;
    const before = told.get(id);
    const now = steps.map((each) => `${each.kind} ${each.state}`).join();
    if (before?.steps === now && before.state === state) return;
    const changed = steps.find((each) => {
      const is = each.state === 'done' || each.state === 'failed' || each.state === 'undone';
      return is && !before?.steps.split(',').includes(`${each.kind} ${each.state}`);
    });
    // That a step begins is seen when it ends.
    if (before !== undefined && changed === undefined && before.state === state) return;
    const placed = changed?.kind === 'place' ? auctions.get(service) : undefined;
    const because = before === undefined ? causesOf(operation) : [before.entry];
    const wrong = before?.state === state ? undefined : whatWentWrong(operation);
    const entry = journal.record(nowMs(), {
      kind: 'operation',
      because: placed === undefined ? because : [...because, placed],
      operation: id,
      change: params.kind,
      service,
      name: serviceName,
      state,
      step: changed?.kind ?? null,
      units: operation.target.units.map(({ unit }) => unit.id),
      reason: before === undefined ? reason : (wrong ?? changed?.about ?? ''),
    });
    remember(told, id, { entry, steps: now, state });
    remember(last, service, entry);
  }

  function tellOffer({ id, name }: ServiceInstance, { cost, moves, reason }: Improved): void {
    const because = [soundings, last].flatMap((each) => each.get(id) ?? []);
    const units = moves.map(({ unit }) => unit);
    const entry = journal.record(nowMs(), {
      kind: 'offer',
      because,
      service: id,
      name,
      ...cost,
      units,
      reason,
    });
    remember(offers, id, entry);
  }

  function tellAlarm({ id }: ServiceInstance, alarm: AlarmRecord): void {
    const subject = `${id}/${alarmKey(alarm)}`;
    const fault = ALARM_FAULTS[alarm.state];
    const before = alarms.get(subject) ?? last.get(id);
    const because = before === undefined ? [] : [before];
    const entry = journal.record(nowMs(), { kind: 'fault', because, fault, subject, reason: alarm.reason });
    remember(alarms, subject, entry);
  }

  function tellFailure({ id, state, reason }: UnitRecord): void {
    if (state !== 'failed') {
      failures.delete(id);
      return;
    }
    if (failures.has(id)) return;
    const why = reason ?? 'no reason is known';
    const entry = journal.record(nowMs(), {
      kind: 'fault',
      because: [],
      fault: 'unit-failed',
      subject: id,
      reason: why,
    });
    remember(failures, id, entry);
  }

  /** What made it necessary, where nobody has asked for it. */
  function causesOf({ service, params, automatic, avoidSites, before, target }: Operation): string[] {
    if (params.kind === 'migrate') return [offers].flatMap((each) => each.get(service) ?? []);
    if (!automatic) return [];
    const stay = new Set(target.units.map(({ id }) => id));
    const gone = before.units.filter(({ id }) => !stay.has(id));
    return [
      ...gone.flatMap(({ id }) => failures.get(id) ?? []),
      ...avoidSites.flatMap((site) => silences.get(site) ?? []),
    ];
  }

  return () => {
    open = false;
    unlisten();
  };
}

/** The service whose placement an auction was about, and whether it was to be placed or improved. */
function aboutService({ goal: said }: Extract<JournalEntry, { kind: 'auction' }>) {
  const [, goal, service] = /^(servicePlaced|serviceImproved)\((.*)\)$/.exec(said) ?? [];
  return service === undefined ? undefined : { goal, service };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > REMEMBERED && oldest !== undefined) map.delete(oldest);
}
