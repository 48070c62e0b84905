import type { JournalEntry } from '../../protocol/journal.ts';
import type { EntryOf, JournalIndex } from './journal-index.ts';

function lastBefore<E extends JournalEntry>(
  entries: readonly E[] | undefined,
  entry: JournalEntry,
  wanted: (one: E) => boolean,
) {
  return entries?.findLast((one) => one.id !== entry.id && one.tMs <= entry.tMs && wanted(one));
}

function awardBehind(index: JournalIndex, entry: EntryOf<'action'>): JournalEntry | undefined {
  const award = entry.detail['award'];
  if (typeof award !== 'string') return undefined;
  // The runtime records what became of an action; the rule says for whom.
  const owner = entry.detail['owner'] ?? entry.agent;
  const held = index.awards.get(award);
  return (
    lastBefore(held, entry, (one) => one.agent === owner && one.holder === owner) ??
    lastBefore(held, entry, (one) => one.holder === owner) ??
    lastBefore(index.auctions.get(award), entry, (one) => one.winner === owner)
  );
}

/** What an entry follows from by its own content, even where its writer drew no edge: the same award, auction, rule or message. */
function implied(index: JournalIndex, entry: JournalEntry): (JournalEntry | undefined)[] {
  switch (entry.kind) {
    case 'action': {
      const earlier =
        entry.rule === null || entry.status === 'requested'
          ? undefined
          : lastBefore(
              index.actionsByRule.get(entry.rule),
              entry,
              (one) =>
                one.action === entry.action &&
                one.status === (entry.status === 'expired' ? 'done' : 'requested'),
            );
      const lifted =
        entry.action === 'remove-rule' && entry.rule !== null
          ? lastBefore(
              index.actionsByRule.get(entry.rule),
              entry,
              (one) => one.status === 'done' && one.action !== 'remove-rule',
            )
          : undefined;
      return [earlier, awardBehind(index, entry), lifted];
    }
    case 'award': {
      const auctions = index.auctions.get(entry.award);
      return [
        lastBefore(auctions, entry, (one) => one.status === 'awarded' || one.status === 'completed') ??
          lastBefore(auctions, entry, () => true),
      ];
    }
    case 'auction': {
      if (entry.status === 'opened') return [];
      const winning = lastBefore(index.bids.get(entry.auction), entry, (one) => one.agent === entry.winner);
      const earlier = lastBefore(
        index.auctions.get(entry.auction),
        entry,
        (one) =>
          one.status === (entry.status === 'awarded' ? 'opened' : 'awarded') || one.status === 'opened',
      );
      // A service is placed unit by unit: the auctions of its units have names below its own.
      const units = /^service(Placed|Improved)\(/.test(entry.goal)
        ? [...index.auctions].flatMap(([name, entries]) =>
            name.startsWith(`${entry.auction}/`) ? [lastBefore(entries, entry, () => true)] : [],
          )
        : [];
      return [winning, earlier, ...units];
    }
    case 'bid':
      return [lastBefore(index.auctions.get(entry.auction), entry, (one) => one.status === 'opened')];
    case 'message':
      return entry.direction === 'sent'
        ? []
        : [
            lastBefore(
              index.messages.get(entry.conversation),
              entry,
              (one) =>
                one.direction === 'sent' &&
                one.performative === entry.performative &&
                one.agent === entry.peer,
            ),
          ];
    default:
      return [];
  }
}

function directCauses(index: JournalIndex, entry: JournalEntry): readonly JournalEntry[] {
  const named = entry.because.map((id) => index.byId.get(id));
  return [...named, ...implied(index, entry)].flatMap((cause) =>
    cause === undefined || cause.id === entry.id ? [] : [cause],
  );
}

/** The request for an action says what its outcome says already: its own causes take its place. */
function isOwnRequest(entry: JournalEntry, cause: JournalEntry): boolean {
  return (
    entry.kind === 'action' &&
    cause.kind === 'action' &&
    entry.status !== 'requested' &&
    cause.status === 'requested' &&
    cause.action === entry.action &&
    (cause.rule === entry.rule || entry.because.includes(cause.id))
  );
}

/**
 * The entries that one follows from: those it names, then those its content implies, each once. Names that the journal
 * does not hold are left out.
 */
export function causesOf(index: JournalIndex, entry: JournalEntry): readonly JournalEntry[] {
  const causes = new Map<string, JournalEntry>();
  for (const cause of directCauses(index, entry)) {
    const told = isOwnRequest(entry, cause) ? directCauses(index, cause) : [cause];
    for (const one of told) if (one.id !== entry.id) causes.set(one.id, one);
  }
  return [...causes.values()];
}
