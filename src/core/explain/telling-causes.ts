import type { JournalEntry } from '../../protocol/journal.ts';
import { causesOf } from './causes.ts';
import type { JournalIndex } from './journal-index.ts';

const READINGS = new Set(['measure', 'watch', 'unwatch', 'confirm-sources']);
const STEPS = new Set(['step', 'waiting', 'resumed', 'done']);

function isDecidedAgainst(index: JournalIndex, auction: string, bidder: string): boolean {
  const winner = index.auctions.get(auction)?.findLast((entry) => entry.winner !== null)?.winner;
  return winner !== undefined && winner !== bidder;
}

/** Does the cause only carry on what its own causes say better? Then those are told in its place. */
function onlyCarries(index: JournalIndex, entry: JournalEntry, cause: JournalEntry): boolean {
  switch (cause.kind) {
    case 'intention':
      return STEPS.has(cause.status);
    case 'message':
      // The auction tells of its messages; of the others it is enough to know that they were sent.
      return cause.direction === 'received' || index.auctions.has(cause.conversation);
    case 'bid':
      // The auction lists every bid; whose bid won has its own reasons.
      return isDecidedAgainst(index, cause.auction, cause.agent);
    case 'auction':
      return entry.kind === 'auction' && entry.auction === cause.auction && cause.status !== 'opened';
    case 'award':
      return entry.kind === 'award' && entry.award === cause.award;
    case 'goal':
      return cause.status === 'achieved' || cause.status === 'selected';
    case 'action':
      return cause.status === 'requested' && READINGS.has(cause.action);
    default:
      return false;
  }
}

/**
 * The causes that tell a reader something: what only carries a reason on (a step of a plan, a message of an auction, a
 * bid that lost) gives way to its own causes, unless it has none.
 */
export function tellingCauses(index: JournalIndex, entry: JournalEntry): readonly JournalEntry[] {
  const told = new Map<string, JournalEntry>();
  const passed = new Set([entry.id]);
  const open = [...causesOf(index, entry)].reverse();
  for (let cause = open.pop(); cause !== undefined; cause = open.pop()) {
    if (passed.has(cause.id)) continue;
    passed.add(cause.id);
    const behind = onlyCarries(index, entry, cause) ? causesOf(index, cause) : [];
    if (behind.length === 0) told.set(cause.id, cause);
    else open.push(...[...behind].reverse());
  }
  return [...told.values()];
}
