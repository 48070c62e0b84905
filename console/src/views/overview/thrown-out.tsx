import { entriesOf } from '../../data/network/told-by-journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { clockTime } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';

const MOST = 5;

/** Who was thrown out lately, and why: an alarm is over as soon as another is attested in its place. */
export function ThrownOut() {
  const { journal, end } = useJournal();
  const revoked = entriesOf(journal, 'ledger', end)
    .filter(({ event }) => event === 'Revoked')
    .slice(-MOST)
    .reverse();
  if (revoked.length === 0) return null;
  return (
    <section className="card">
      <h2>Thrown out</h2>
      <ul>
        {revoked.map(({ id, tMs, subject, reason }) => (
          <li key={id}>
            <span className="about">{clockTime(tMs)}</span>{' '}
            <ViewLink to={`/attestation/${encodeURIComponent(subject)}`}>{subject}</ViewLink>: {reason}{' '}
            <ViewLink to={`/why/${encodeURIComponent(id)}`}>why?</ViewLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
