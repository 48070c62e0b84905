import type { Alarm, Status } from '../../../../src/protocol/up-status.ts';
import { useJournal } from '../../data/use-journal.ts';
import { clockTime, many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { causeOfAlarm } from './cause-of-alarm.ts';

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

function Cause({ alarm }: { readonly alarm: Alarm }) {
  const { journal } = useJournal();
  const entry = causeOfAlarm(journal, alarm);
  if (entry === undefined) return null;
  return (
    <div className="about">
      {clockTime(entry.tMs)}: {entry.reason}{' '}
      <ViewLink to={`/why/${encodeURIComponent(entry.id)}`}>why?</ViewLink>
    </div>
  );
}
