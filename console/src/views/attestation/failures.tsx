import type { EntryOf } from '../../../../src/core/explain/journal-index.ts';
import { isGivenUp } from '../../../../src/core/ledger/given-up.ts';
import { countBefore } from '../../data/count-before.ts';
import type { LedgerLooking } from '../../data/ledger.ts';
import type { LedgerRow } from '../../data/ledger-rows.ts';
import { useLedgerRows } from '../../data/ledger-rows.ts';
import { useJournal } from '../../data/use-journal.ts';
import { Appraisal } from '../../parts/appraisal.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';

const BAD = new Set([
  'RoundFailed',
  'RoundExpired',
  'Suspended',
  'ValidityExpired',
  'Revoked',
  'VerifierReplaced',
]);

export function isFailure({ event, line, sentence }: LedgerRow): boolean {
  if (event === 'RoundFailed' && isGivenUp(sentence)) return false;
  if (BAD.has(event)) return true;
  if (event !== 'VerdictGiven') return false;
  // A journal has but the sentence.
  if (line === undefined) return / refused | does not fit /.test(sentence);
  return line.details['pass'] !== true || line.details['matches'] !== true;
}

/** What attestations have found wrong: with what the verdict rests on, and faults that were seen beside the ledger. */
export function Failures({ ledger, agent }: { readonly ledger: LedgerLooking; readonly agent?: string }) {
  const rows = useLedgerRows(ledger)
    .filter((row) => isFailure(row) && (agent === undefined || row.agent === agent))
    .toReversed();
  const faults = useFaults(agent);
  return (
    <section className="card wide">
      <h2>What was found wrong</h2>
      <DataTable
        caption="In the ledger, the newest first"
        rows={rows}
        keyOf={({ id }) => id}
        empty="No attestation has found anything wrong by then."
        page={20}
        columns={[
          { name: 'time', cell: ({ when }) => when, value: ({ block }) => block },
          {
            name: 'agent',
            cell: ({ agent: name }) => <AgentLink name={name} />,
            value: ({ agent: name }) => name,
          },
          { name: 'what', cell: (row) => <Found row={row} /> },
        ]}
      />
      <DataTable
        caption="Deaths, losses and rebirths that were seen, the newest first"
        rows={faults}
        keyOf={({ id }) => id}
        empty="No death, loss or rebirth has been seen by then."
        page={20}
        columns={[
          { name: 'time', number: true, cell: ({ tMs }) => clockTime(tMs), value: ({ tMs }) => tMs },
          { name: 'what', cell: ({ fault }) => fault, value: ({ fault }) => fault },
          { name: 'of', cell: ({ subject }) => subject, value: ({ subject }) => subject },
          {
            name: 'because',
            cell: ({ id, reason }) => (
              <>
                {reason} <ViewLink to={`/why/${encodeURIComponent(id)}`}>why?</ViewLink>
              </>
            ),
          },
        ]}
      />
    </section>
  );
}

function Found({ row: { sentence, line } }: { readonly row: LedgerRow }) {
  const hash = line?.event === 'VerdictGiven' ? line.details['appraisalHash'] : undefined;
  return (
    <>
      {sentence}
      {typeof hash === 'string' ? <Appraisal hash={hash} /> : null}
    </>
  );
}

function AgentLink({ name }: { readonly name: string }) {
  return name === '' ? null : <ViewLink to={`/attestation/${encodeURIComponent(name)}`}>{name}</ViewLink>;
}

function useFaults(agent: string | undefined): readonly EntryOf<'fault'>[] {
  const { journal, end } = useJournal();
  const positions = journal.ofKind('fault');
  return positions
    .slice(0, countBefore(positions, end))
    .flatMap((at) => {
      const entry = journal.index.entries[at];
      return entry?.kind === 'fault' && (agent === undefined || entry.subject === agent) ? [entry] : [];
    })
    .reverse();
}
