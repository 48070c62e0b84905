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
          Nothing has been done to the network or to a service by then. An attack makes agents act: start one,
          or the guided tour, under <ViewLink to="/scenarios">scenarios</ViewLink>. A service is applied by
          dropping its files under <ViewLink to="/packages">packages</ViewLink>.
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
