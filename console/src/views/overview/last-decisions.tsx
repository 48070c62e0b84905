import { sentenceOf } from '../../../../src/core/explain/sentence.ts';
import type { JournalEntry } from '../../../../src/protocol/journal.ts';
import { countBefore } from '../../data/count-before.ts';
import type { Journal } from '../../data/journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { clockTime } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty } from '../../parts/states.tsx';

const MOST = 12;
/** What changes nothing on the network. */
const READINGS = new Set(['measure', 'watch', 'unwatch', 'confirm-sources', 'placing-answer']);

/** What agents have done last on the network, each with the way to its reasons. */
export function LastDecisions() {
  const { journal, end } = useJournal();
  const decisions = lastDecisions(journal, end);
  return (
    <section className="card wide">
      <h2>Last decisions</h2>
      {decisions.length === 0 ? (
        <Empty>No agent has done anything on the network yet. A scenario with an attack makes them.</Empty>
      ) : (
        <ul>
          {decisions.map((entry) => (
            <li key={entry.id}>
              <span className="about">{clockTime(entry.tMs)}</span> {sentenceOf(entry)}{' '}
              <ViewLink to={`/why/${encodeURIComponent(entry.id)}`}>why?</ViewLink>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function lastDecisions(journal: Journal, end: number): readonly JournalEntry[] {
  const actions = journal.ofKind('action');
  const found: JournalEntry[] = [];
  for (let at = countBefore(actions, end) - 1; at >= 0 && found.length < MOST; at--) {
    const entry = journal.index.entries[actions[at] ?? 0];
    if (entry?.kind === 'action' && entry.status === 'done' && !READINGS.has(entry.action)) found.push(entry);
  }
  return found;
}
