import { useState } from 'react';
import type { LedgerLooking } from '../../data/ledger.ts';
import { useLedger } from '../../data/ledger.ts';
import type { LedgerRow } from '../../data/ledger-rows.ts';
import { useLedgerRows } from '../../data/ledger-rows.ts';
import { Appraisal } from '../../parts/appraisal.tsx';
import { ledgerCommand } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { LedgerNote } from '../../parts/ledger-note.tsx';
import { ViewLink } from '../../parts/link.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { VerifyCard } from './verify-card.tsx';
import './ledger.css';

/** What the ledger says, in sentences, and whether it can be believed. */
export function LedgerView() {
  const ledger = useLedger();
  return (
    <ViewFrame
      title="Ledger"
      about="What stands in the ledger, in sentences, the newest first; and whether it can be believed."
      command={ledgerCommand(ledger.source, ['ledger', 'list'])}
    >
      {ledger.isRun ? null : <VerifyCard shown={ledger.blocks} />}
      <LedgerNote
        ledger={ledger}
        lacking="Envelopes and acknowledgements of keys, anchors, senders and transactions are not in it, and there is nothing here to verify them by: muster ledger verify checks a run's directory."
      />
      <Lines ledger={ledger} />
    </ViewFrame>
  );
}

function Lines({ ledger }: { readonly ledger: LedgerLooking }) {
  const all = useLedgerRows(ledger);
  const [event, setEvent] = useState('');
  const [agent, setAgent] = useState('');
  const rows = all
    .filter((each) => (event === '' || each.event === event) && (agent === '' || each.agent === agent))
    .toReversed();
  return (
    <>
      <div className="filters">
        <Choice name="Event" value={event} of={all.map((each) => each.event)} onChoose={setEvent} />
        <Choice name="About" value={agent} of={all.map((each) => each.agent)} onChoose={setAgent} />
      </div>
      <DataTable
        caption="Events of the ledger, the newest first"
        rows={rows}
        keyOf={({ id }) => id}
        empty="The ledger said nothing of that by then. Take away a filter, or go on in time."
        page={50}
        columns={[
          { name: 'block', number: true, cell: ({ block }) => block, value: ({ block }) => block },
          { name: 'time', cell: ({ when }) => when, value: ({ block }) => block },
          { name: 'what', cell: (row) => <Told row={row} /> },
          { name: 'event', cell: (row) => row.event, value: (row) => row.event },
          { name: 'sent by', cell: ({ line }) => line?.from ?? '' },
        ]}
      />
    </>
  );
}

function Choice({
  name,
  value,
  of,
  onChoose,
}: {
  readonly name: string;
  readonly value: string;
  readonly of: readonly string[];
  onChoose(value: string): void;
}) {
  const values = [...new Set(of)].filter((each) => each !== '').sort();
  return (
    <label>
      {name}
      <select value={value} onChange={({ target }) => onChoose(target.value)}>
        <option value="">all</option>
        {values.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}

function Told({ row: { id, sentence, line } }: { readonly row: LedgerRow }) {
  const [open, setOpen] = useState(false);
  if (line === undefined) {
    return (
      <>
        {sentence} <ViewLink to={`/why/${encodeURIComponent(id)}`}>why?</ViewLink>
      </>
    );
  }
  const { details, transaction, block } = line;
  const hash = line.event === 'VerdictGiven' ? details['appraisalHash'] : undefined;
  return (
    <>
      {sentence}{' '}
      <button
        type="button"
        className="detail"
        aria-expanded={open}
        aria-label={`${open ? 'less' : 'more'} of entry ${id}`}
        onClick={() => setOpen(!open)}
      >
        {open ? 'less' : 'more'}
      </button>
      {open ? (
        <>
          {typeof hash === 'string' ? <Appraisal hash={hash} /> : null}
          <dl className="carried">
            {Object.entries({ ...details, transaction, block }).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
                </dd>
              </div>
            ))}
          </dl>
        </>
      ) : null}
    </>
  );
}
