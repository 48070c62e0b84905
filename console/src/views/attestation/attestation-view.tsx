import { useMemo } from 'react';
import { useRoute } from 'wouter';
import { applyBlock, EMPTY_LEDGER } from '../../../../src/core/attestation/ledger-state.ts';
import type { AttestationRing, RingMember } from '../../../../src/core/ledger/attestation-ring.ts';
import { attestationRing } from '../../../../src/core/ledger/attestation-ring.ts';
import { createNames } from '../../../../src/core/ledger/names.ts';
import { ringFromJournal } from '../../../../src/core/ledger/ring-from-journal.ts';
import type { LedgerLooking } from '../../data/ledger.ts';
import { useLedger } from '../../data/ledger.ts';
import { ledgerCommand } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { many } from '../../parts/figures.ts';
import { LedgerNote } from '../../parts/ledger-note.tsx';
import { ViewLink } from '../../parts/link.tsx';
import { Empty } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { AgentHistory } from './agent-history.tsx';
import './attestation.css';
import { Failures } from './failures.tsx';
import { RingDrawing } from './ring-drawing.tsx';
import { roundInWords, STATUS_SIGNS } from './words.ts';
import { Workflow } from './workflow.tsx';

const LACKING =
  'It names whom an event is about, but neither verifiers, nor the plan, nor to whom a passed round moves the root of trust: who verified stands in the sentences, and members stand in the order of their first rounds.';

/** The round of attestations: who measures whom, and what came of it; and the history of each agent. */
export function AttestationView() {
  const [chosen, params] = useRoute('/attestation/:agent');
  const ledger = useLedger();
  const ring = useRing(ledger);
  if (chosen) return <AgentHistory agent={decodeURIComponent(params.agent)} ledger={ledger} />;
  return (
    <ViewFrame
      title="Attestation"
      about="Who measures whom in turn, what came of it, and how the agents came to be trusted."
      command={ledgerCommand(ledger.source, ['ledger', 'list'])}
    >
      <LedgerNote ledger={ledger} lacking={LACKING} />
      <div className="cards">
        <section className="card wide">
          <h2>The round</h2>
          {ring.members.length === 0 ? (
            <Empty>No agent is in a round by then. They are once muster up has deployed its contracts.</Empty>
          ) : (
            <Round ring={ring} />
          )}
        </section>
        <Failures ledger={ledger} />
        <Workflow />
      </div>
    </ViewFrame>
  );
}

function useRing({ blocks, told, isRun }: LedgerLooking): AttestationRing {
  return useMemo(() => {
    if (isRun) return ringFromJournal(told);
    const names = createNames();
    let state = EMPTY_LEDGER;
    for (const block of blocks) {
      for (const { event } of block.entries) names.learn(event);
      state = applyBlock(state, block);
    }
    return attestationRing(state, names);
  }, [blocks, told, isRun]);
}

function Round({ ring }: { readonly ring: AttestationRing }) {
  const { members, rootOfTrust, newest } = ring;
  const attested = members.filter(({ status }) => status === 'attested').length;
  const next = members.find(({ isNext }) => isNext);
  return (
    <>
      <p role="status">
        {attested} of {many(members.length, 'agent')} attested
        {rootOfTrust === undefined ? '' : `; ${rootOfTrust} is the root of trust`}.{' '}
        {newest === undefined ? '' : `The newest round is of ${newest}. `}
        {next === undefined ? '' : `${next.name} has waited longest: its turn comes next.`}
      </p>
      <div className="round">
        <RingDrawing ring={ring} />
        <DataTable
          caption="The same as a table, in the order of turns"
          rows={members}
          keyOf={({ name }) => name}
          empty=""
          columns={[
            {
              name: 'agent',
              cell: ({ name }) => <ViewLink to={`/attestation/${encodeURIComponent(name)}`}>{name}</ViewLink>,
              value: ({ name }) => name,
            },
            { name: 'is', cell: (member) => <Standing member={member} />, value: ({ status }) => status },
            { name: 'verified by', cell: ({ round }) => round?.verifiers.join(', ') ?? '' },
            {
              name: 'newest round',
              cell: ({ round }) => (round === undefined ? 'none' : roundInWords(round)),
              value: ({ round }) => round?.round ?? 0,
            },
            {
              name: 'turn',
              cell: ({ isNext, name }) => (name === newest ? 'newest' : isNext ? 'next' : ''),
            },
            {
              name: 'incarnation',
              number: true,
              cell: ({ incarnation }) => incarnation,
              value: ({ incarnation }) => incarnation,
            },
          ]}
        />
      </div>
    </>
  );
}

function Standing({ member: { status, isRoot } }: { readonly member: RingMember }) {
  const good = status === 'attested';
  return (
    <span className={`badge ${good ? 'good' : status === 'revoked' ? 'bad' : 'warn'}`}>
      {STATUS_SIGNS[status] ?? '○'} {status}
      {isRoot ? ', ◆ root of trust' : ''}
    </span>
  );
}
