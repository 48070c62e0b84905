import type { LedgerBlock } from '../../protocol/ledger.ts';
import type { EntryOf } from '../explain/journal-index.ts';
import { isGivenUp } from './given-up.ts';
import { createNames } from './names.ts';

/** A stretch of time in which an agent holds an epoch. */
export interface KeySpan {
  readonly epoch: number;
  readonly fromMs: number;
  /** Undefined: it holds it still. */
  readonly toMs: number | undefined;
}

export interface KeyMark {
  readonly kind: 'registered' | 'attested' | 'refused' | 'suspended' | 'revoked';
  readonly atMs: number;
}

export interface KeyRow {
  readonly agent: string;
  readonly spans: readonly KeySpan[];
  readonly marks: readonly KeyMark[];
}

/** Who holds which epoch when, with what happened to each meanwhile. Times are ms, of the chain or of the journal. */
export interface KeyTimeline {
  readonly epochs: readonly { readonly epoch: number; readonly atMs: number }[];
  /** By name. */
  readonly rows: readonly KeyRow[];
  readonly fromMs: number;
  readonly toMs: number;
}

const MARKS: Readonly<Record<string, KeyMark['kind']>> = {
  AgentRegistered: 'registered',
  RoundPassed: 'attested',
  RoundFailed: 'refused',
  Suspended: 'suspended',
  ValidityExpired: 'suspended',
  Revoked: 'revoked',
};
function markOf(event: string, reason: string): KeyMark['kind'] | undefined {
  return event === 'RoundFailed' && isGivenUp(reason) ? undefined : MARKS[event];
}

/** After these an agent holds no key that counts. */
const ENDS = new Set(['Suspended', 'ValidityExpired', 'Revoked', 'AgentWithdrawn', 'Succeeded']);

class Rows {
  readonly #rows = new Map<string, { spans: KeySpan[]; marks: KeyMark[] }>();

  row(agent: string) {
    const found = this.#rows.get(agent) ?? { spans: [], marks: [] };
    this.#rows.set(agent, found);
    return found;
  }

  end(agent: string, atMs: number): void {
    const { spans } = this.row(agent);
    const last = spans.at(-1);
    if (last !== undefined && last.toMs === undefined) spans[spans.length - 1] = { ...last, toMs: atMs };
  }

  /** Ends what is held by those who are no members. */
  endOthers(members: ReadonlySet<string>, atMs: number): void {
    for (const agent of this.#rows.keys()) if (!members.has(agent)) this.end(agent, atMs);
  }

  all(): readonly KeyRow[] {
    return [...this.#rows]
      .map(([agent, each]) => ({ agent, ...each }))
      .sort((a, b) => a.agent.localeCompare(b.agent, 'en', { numeric: true }));
  }
}

/** From all blocks of a pipeline. */
export function keyTimeline(blocks: readonly LedgerBlock[]): KeyTimeline {
  const names = createNames();
  const rows = new Rows();
  const members = new Set<string>();
  const epochs: { epoch: number; atMs: number }[] = [];
  for (const { entries, timestamp } of blocks) {
    const atMs = 1000 * timestamp;
    const sealed = new Set<string>();
    let opened = false;
    for (const { event } of entries) {
      names.learn(event);
      if (event.kind === 'AgentAdmitted') members.add(event.name);
      if (event.kind === 'EpochOpened') {
        epochs.push({ epoch: event.epoch, atMs });
        opened = true;
      }
      if (!('agent' in event)) continue;
      const agent = names.agent(event.agent);
      if (event.kind === 'Envelope') sealed.add(agent);
      if (ENDS.has(event.kind)) rows.end(agent, atMs);
      if (!members.has(agent)) continue;
      const kind = markOf(event.kind, event.kind === 'RoundFailed' ? event.reason : '');
      if (kind !== undefined) rows.row(agent).marks.push({ kind, atMs });
      if (event.kind !== 'Acknowledged') continue;
      rows.end(agent, atMs);
      rows.row(agent).spans.push({ epoch: event.epoch, fromMs: atMs, toMs: undefined });
    }
    // Who is no member of an epoch holds one from then on that opens nothing.
    if (opened) rows.endOthers(sealed, atMs);
  }
  return {
    epochs,
    rows: rows.all(),
    fromMs: 1000 * (blocks[0]?.timestamp ?? 0),
    toMs: 1000 * (blocks.at(-1)?.timestamp ?? 0),
  };
}

/** As far as a journal tells: attestations and revocations, and that epochs were opened; not who has said to hold one. */
export function keyTimelineFromJournal(entries: readonly EntryOf<'ledger'>[]): KeyTimeline {
  const rows = new Rows();
  const epochs: { epoch: number; atMs: number }[] = [];
  for (const { event, subject, tMs, reason } of entries) {
    const kind = markOf(event, reason);
    if (event === 'EpochOpened') epochs.push({ epoch: epochs.length + 1, atMs: tMs });
    if (kind !== undefined && !subject.startsWith('the successor of '))
      rows.row(subject).marks.push({ kind, atMs: tMs });
  }
  return { epochs, rows: rows.all(), fromMs: entries[0]?.tMs ?? 0, toMs: entries.at(-1)?.tMs ?? 0 };
}
