import type { JournalEntry } from '../../../../src/protocol/journal.ts';
import type { Alarm, Status } from '../../../../src/protocol/up-status.ts';
import type { Journal } from '../../data/journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { clockTime, many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';

/** What an operator has to know of, each with the way to what it is about and to what brought it about. */
export function Alarms({ status: { alarmCauses, ready } }: { readonly status: Status }) {
  return (
    <section className="health unwell" aria-label="Alarms">
      <strong>
        {ready
          ? `▲ ${many(alarmCauses.length, 'alarm')}`
          : '▲ It is not up yet: agents are being attested, functions placed.'}
      </strong>
      <ul>
        {alarmCauses.map((alarm) => (
          <li key={alarm.text}>
            {alarm.text} <AboutLinks alarm={alarm} />
            <Cause alarm={alarm} />
          </li>
        ))}
      </ul>
    </section>
  );
}

type About = Alarm['about'][number];

function AboutLinks({ alarm: { about } }: { readonly alarm: Alarm }) {
  return about.map((each) => (
    <span key={`${each.kind} ${each.id}`} className="alarm-link">
      <AboutLink about={each} />
    </span>
  ));
}

function AboutLink({ about: { kind, id } }: { readonly about: About }) {
  switch (kind) {
    case 'agent':
      return <ViewLink to={`/attestation/${encodeURIComponent(id)}`}>history of {id}</ViewLink>;
    case 'site':
      return (
        <ViewLink to="/topology" more={{ site: id }}>
          site {id}
        </ViewLink>
      );
    case 'service':
      return <ViewLink to={`/services/${encodeURIComponent(id)}`}>the service</ViewLink>;
    case 'ledger':
      return <ViewLink to="/ledger">the ledger</ViewLink>;
  }
}

/** The newest entry of the journal that tells of what an alarm is about having gone wrong. */
function Cause({ alarm }: { readonly alarm: Alarm }) {
  const { journal } = useJournal();
  const entry = causeOf(journal, alarm);
  if (entry === undefined) return null;
  return (
    <div className="about">
      {clockTime(entry.tMs)}: {entry.reason}{' '}
      <ViewLink to={`/why/${encodeURIComponent(entry.id)}`}>why?</ViewLink>
    </div>
  );
}

const EXCLUDING = new Set(['Revoked', 'Suspended', 'RoundFailed', 'ValidityExpired']);

function causeOf(journal: Journal, { about }: Alarm): JournalEntry | undefined {
  const ids = new Set(about.map(({ id }) => id));
  return (
    newest(
      journal,
      'ledger',
      (entry) => entry.kind === 'ledger' && EXCLUDING.has(entry.event) && ids.has(entry.subject),
    ) ??
    newest(journal, 'fault', (entry) => entry.kind === 'fault' && ids.has(entry.subject)) ??
    newest(journal, 'operation', (entry) => entry.kind === 'operation' && ids.has(entry.service))
  );
}

function newest(
  journal: Journal,
  kind: JournalEntry['kind'],
  fits: (entry: JournalEntry) => boolean,
): JournalEntry | undefined {
  const at = journal.ofKind(kind).findLast((position) => {
    const entry = journal.index.entries[position];
    return entry !== undefined && fits(entry);
  });
  return at === undefined ? undefined : journal.index.entries[at];
}
