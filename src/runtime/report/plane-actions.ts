import { actionTarget, textIn } from '../../core/explain/action-target.ts';
import type { EntryOf } from '../../core/explain/journal-index.ts';
import type { JournalEntry } from '../../protocol/journal.ts';

/** A rule that an agent set, what it bears on, and until when. */
export interface PlaneAction {
  readonly kind:
    | 'limit-link'
    | 'limit-target'
    | 'limit-flow'
    | 'block-source'
    | 'remove-rule'
    | 'adopt-rules';
  readonly status: 'done' | 'expired';
  readonly entry: EntryOf<'action'>;
  /** Whose rule it is, also where the runtime recorded what became of it. */
  readonly agent: string;
  readonly tMs: number;
  /** Rule id; of one that names none, its kind and target. */
  readonly rule: string;
  readonly link: string | null;
  /** The link, address or rule that it is about. */
  readonly target: string;
  readonly ttlMs: number | null;
  /** The award that it serves; of an adoption the one that the rules pass to, from `fromAward`. */
  readonly award: string | null;
  readonly fromAward: string | null;
  readonly reason: string;
}

const KINDS = [
  'limit-link',
  'limit-target',
  'limit-flow',
  'block-source',
  'remove-rule',
  'adopt-rules',
] as const;

/** What took effect on the data plane, in the order written: rules set, lifted, passed on, and run out. */
export function planeActions(journal: readonly JournalEntry[]): readonly PlaneAction[] {
  const requested = new Map<string, EntryOf<'action'>>();
  const actions: PlaneAction[] = [];
  for (const entry of journal) {
    if (entry.kind !== 'action') continue;
    if (entry.status === 'requested') requested.set(entry.id, entry);
    if (entry.status !== 'done' && entry.status !== 'expired') continue;
    const kind = KINDS.find((one) => one === entry.action);
    if (kind === undefined) continue;
    const asked = entry.because.map((id) => requested.get(id)).find((one) => one?.action === entry.action);
    const detail = { ...asked?.detail, ...entry.detail };
    const ttl = detail['ttlMs'];
    const target = actionTarget({ ...entry, detail });
    actions.push({
      kind,
      status: entry.status,
      entry,
      agent: textIn(detail, 'owner') ?? asked?.agent ?? entry.agent,
      tMs: entry.tMs,
      rule: entry.rule ?? asked?.rule ?? `${kind} ${target}`,
      link: textIn(detail, 'link') ?? (kind === 'limit-link' ? target : null),
      target,
      ttlMs: typeof ttl === 'number' && ttl > 0 ? ttl : null,
      award: textIn(detail, 'toAward') ?? textIn(detail, 'award') ?? null,
      fromAward: textIn(detail, 'fromAward') ?? null,
      reason: entry.reason !== '' ? entry.reason : (asked?.reason ?? ''),
    });
  }
  return actions;
}
