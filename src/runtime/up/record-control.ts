import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { JournalWriter } from '../journal-writer.ts';

/** Services of which is remembered what was done to them last. */
const REMEMBERED = 5000;

/** Records what is done to the control agents of services: it follows from the last operation on the service, and from what was done before. */
export function recordControl(
  journal: JournalWriter,
  nowMs: () => number,
): (service: Pick<ServiceInstance, 'id' | 'name'>, text: string) => void {
  /** The newest entry about each, by its id. */
  const last = new Map<string, string>();
  const remember = (service: string, entry: string): void => {
    last.delete(service);
    last.set(service, entry);
    const [oldest] = last.keys();
    if (last.size > REMEMBERED && oldest !== undefined) last.delete(oldest);
  };
  journal.listen((entry) => {
    if (entry.kind === 'operation') remember(entry.service, entry.id);
  });
  return ({ id, name }, text) => {
    const before = last.get(id);
    const phase = `control of ${name}: ${text}`;
    const because = before === undefined ? [] : [before];
    remember(id, journal.record(nowMs(), { kind: 'phase', because, phase, reason: phase }));
  };
}
