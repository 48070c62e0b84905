import { isGivenUp } from '../../../../src/core/ledger/given-up.ts';
import type { LedgerLooking } from '../../data/ledger.ts';
import type { LedgerRow } from '../../data/ledger-rows.ts';
import { useLedgerRows } from '../../data/ledger-rows.ts';
import { useJournal } from '../../data/use-journal.ts';
import { ledgerCommand } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { LedgerNote } from '../../parts/ledger-note.tsx';
import { ViewLink } from '../../parts/link.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { Failures, isFailure } from './failures.tsx';
import { RevokeAgent } from './revoke-agent.tsx';

/** Events that change what an agent is, by what they are called here. */
const TURNS: Readonly<Record<string, string>> = {
  AgentAdmitted: '○ admitted',
  AgentRegistered: '○ registered',
  RoundPassed: '✓ passed',
  RoundFailed: '✗ failed',
  RoundExpired: '✗ silence',
  Suspended: '▲ suspended',
  ValidityExpired: '▲ suspended',
  Revoked: '✗ revoked',
  Succeeded: '↻ reborn',
  AgentWithdrawn: '○ withdrawn',
  VerdictGiven: '✗ refused',
};

function turnOf({ event, sentence }: LedgerRow): string | undefined {
  return event === 'RoundFailed' && isGivenUp(sentence) ? '○ given up' : TURNS[event];
}

/** What became of an agent: registered, passed, suspended, revoked, reborn. */
export function AgentHistory({ agent, ledger }: { readonly agent: string; readonly ledger: LedgerLooking }) {
  const { source } = useJournal();
  const successor = `the successor of ${agent}`;
  const rows = useLedgerRows(ledger)
    .filter((row) => row.agent === agent || row.agent === successor)
    .filter((row) => TURNS[row.event] !== undefined && (row.event !== 'VerdictGiven' || isFailure(row)))
    .toReversed();
  return (
    <ViewFrame
      title={`Attestation of ${agent}`}
      about="What became of it, life by life; the newest first."
      command={ledgerCommand(ledger.source, ['ledger', 'list', '--agent', agent], agent)}
    >
      <p>
        <ViewLink to="/attestation">the round</ViewLink> ·{' '}
        <ViewLink to={`/agents/${encodeURIComponent(agent)}`}>its mind</ViewLink>
      </p>
      {source.kind === 'up' ? <RevokeAgent agent={agent} /> : null}
      <LedgerNote ledger={ledger} lacking="Who verified stands in the sentences alone." />
      <div className="cards">
        <section className="card wide">
          <DataTable
            caption={`History of ${agent}`}
            rows={rows}
            keyOf={({ id }) => id}
            empty={
              ledger.isLoading
                ? 'The ledger has not been read to its end yet.'
                : 'The ledger knew no such agent by then. The round lists those that it knows.'
            }
            page={50}
            columns={[
              { name: 'block', number: true, cell: ({ block }) => block, value: ({ block }) => block },
              { name: 'time', cell: ({ when }) => when, value: ({ block }) => block },
              { name: 'turn', cell: turnOf, value: ({ event }) => event },
              { name: 'what', cell: ({ sentence }) => sentence },
            ]}
          />
        </section>
        <Failures ledger={ledger} agent={agent} />
      </div>
    </ViewFrame>
  );
}
