import { useMemo } from 'react';
import { keyHolders } from '../../../../src/core/ledger/key-holders.ts';
import { keyTimeline, keyTimelineFromJournal } from '../../../../src/core/ledger/key-timeline.ts';
import { useLedger } from '../../data/ledger.ts';
import { ledgerCommand } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime } from '../../parts/figures.ts';
import { LedgerNote } from '../../parts/ledger-note.tsx';
import { ViewLink } from '../../parts/link.tsx';
import { Empty } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { KeyAxis } from './key-axis.tsx';
import './keys.css';

const KEY_WORDS = {
  current: '✓ the newest',
  sealed: '… the newest is sealed to it',
  'left-out': '✗ left out of the newest',
  none: '○ none',
} as const;

/** Who holds which epoch of the group key, and what happened meanwhile. */
export function KeysView() {
  const ledger = useLedger();
  const { blocks, told, isRun } = ledger;
  const timeline = useMemo(
    () => (isRun ? keyTimelineFromJournal(told) : keyTimeline(blocks)),
    [blocks, told, isRun],
  );
  const { holders, epochs } = useMemo(() => keyHolders(blocks), [blocks]);
  const format = isRun ? clockTime : (ms: number) => new Date(ms).toLocaleTimeString();
  return (
    <ViewFrame
      title="Keys"
      about="Who holds which epoch of the group key, with attestations and revocations; never the key itself."
      command={ledgerCommand(ledger.source, ['key', 'list'])}
    >
      <LedgerNote
        ledger={ledger}
        lacking="That epochs were opened is in it, not whom each was sealed to, nor who has said to hold it."
      />
      <div className="cards keys">
        <section className="card wide">
          <h2>Epochs over time</h2>
          {timeline.rows.length === 0 ? (
            <Empty>No agent has been registered by then.</Empty>
          ) : (
            <KeyAxis timeline={timeline} format={format} />
          )}
        </section>
        {isRun ? (
          <RunTable told={told} />
        ) : (
          <>
            <section className="card wide">
              <DataTable
                caption="Who holds which epoch"
                rows={holders}
                keyOf={({ agent, incarnation }) => `${agent} ${incarnation}`}
                empty="No agent has been admitted by then."
                columns={[
                  {
                    name: 'agent',
                    cell: ({ agent }) => (
                      <ViewLink to={`/attestation/${encodeURIComponent(agent)}`}>{agent}</ViewLink>
                    ),
                    value: ({ agent }) => agent,
                  },
                  {
                    name: 'epoch',
                    number: true,
                    cell: ({ epoch }) => epoch || 'none',
                    value: ({ epoch }) => epoch,
                  },
                  { name: 'since', cell: ({ since }) => since, value: ({ since }) => since },
                  { name: 'key', cell: ({ key }) => KEY_WORDS[key], value: ({ key }) => key },
                  { name: 'attestation', cell: ({ status }) => status, value: ({ status }) => status },
                  { name: 'incarnation', number: true, cell: ({ incarnation }) => incarnation },
                ]}
              />
            </section>
            <section className="card wide">
              <DataTable
                caption="Epochs, the newest first (muster key list --epochs)"
                rows={epochs.toReversed()}
                keyOf={({ epoch }) => String(epoch)}
                empty="No epoch has been opened by then."
                page={20}
                columns={[
                  { name: 'epoch', number: true, cell: ({ epoch }) => epoch, value: ({ epoch }) => epoch },
                  { name: 'opened', cell: ({ opened }) => opened, value: ({ opened }) => opened },
                  { name: 'by', cell: ({ steward }) => steward, value: ({ steward }) => steward },
                  { name: 'sealed to', cell: ({ members }) => members.join(', ') },
                  { name: 'held by', cell: ({ acknowledged }) => acknowledged.join(', ') },
                  { name: 'left out', cell: ({ left }) => left.join(', ') },
                ]}
              />
            </section>
          </>
        )}
      </div>
    </ViewFrame>
  );
}

const TOLD = new Set([
  'EpochOpened',
  'AgentRegistered',
  'RoundPassed',
  'RoundFailed',
  'Suspended',
  'ValidityExpired',
  'Revoked',
]);

function RunTable({ told }: { readonly told: ReturnType<typeof useLedger>['told'] }) {
  return (
    <section className="card wide">
      <DataTable
        caption="The same as a table, the newest first"
        rows={told.filter(({ event }) => TOLD.has(event)).toReversed()}
        keyOf={({ id }) => id}
        empty="The journal tells of no epoch by then."
        page={50}
        columns={[
          { name: 'time', number: true, cell: ({ tMs }) => clockTime(tMs), value: ({ tMs }) => tMs },
          { name: 'agent', cell: ({ subject }) => subject, value: ({ subject }) => subject },
          { name: 'what', cell: ({ reason }) => reason },
        ]}
      />
    </section>
  );
}
