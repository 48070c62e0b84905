import { sentenceOf } from '../../../../src/core/explain/sentence.ts';
import { useJournal } from '../../data/use-journal.ts';
import { clockTime } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty } from '../../parts/states.tsx';
import { lastDecisions } from './decisions.ts';

const MOST = 12;

/** What was done last, by agents to the network and by whomever to services, each with the way to its reasons. */
export function LastDecisions() {
  const { journal, end } = useJournal();
  const decisions = lastDecisions(journal, end, MOST);
  return (
    <section className="card wide">
      <h2>Last decisions</h2>
      {decisions.length === 0 ? (
        <Empty>
          Nothing has been done to the network or to a service by then. A scenario with an attack makes agents
          act; a service is applied in the view of services.
        </Empty>
      ) : (
        <ul>
          {decisions.map((entry) => (
            <li key={entry.id}>
              <span className="about">{clockTime(entry.tMs)}</span> {sentenceOf(entry)}{' '}
              {entry.kind === 'operation' ? (
                <>
                  <ViewLink to={`/services/${encodeURIComponent(entry.name)}`}>{entry.name}</ViewLink>{' '}
                </>
              ) : null}
              <ViewLink to={`/why/${encodeURIComponent(entry.id)}`}>why?</ViewLink>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
