import type { EntryOf } from '../../../../src/core/explain/journal-index.ts';
import type { WorkflowStep } from '../../../../src/protocol/journal.ts';
import { countBefore } from '../../data/count-before.ts';
import { useJournal } from '../../data/use-journal.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime } from '../../parts/figures.ts';

/** In the words and the order of the paper's Figure 2. */
const STEPS: Readonly<Record<WorkflowStep, string>> = {
  plan: 'the pipeline is planned',
  deploy: 'its hosts and functions are made ready',
  connect: 'sites are connected',
  wrap: 'agents are wrapped: each with its guard and its channel',
  register: 'what each is booted from is registered',
  contracts: 'contracts are deployed to the ledger',
  credentials: 'credentials are handed out',
  'initial-attestation': 'every agent is measured for the first time',
  'mutual-plan': 'the plan of mutual attestation is set',
  verdicts: 'verdicts are given',
  keys: 'the group key is sealed to those who passed',
  operation: 'it is in operation',
};

type Phase = EntryOf<'phase'>;

/** How the pipeline came up: wrapping and deployment step by step, with times. */
export function Workflow() {
  const { journal, end } = useJournal();
  const positions = journal.ofKind('phase');
  const done = new Map<WorkflowStep, Phase>();
  for (const at of positions.slice(0, countBefore(positions, end))) {
    const entry = journal.index.entries[at];
    if (entry?.kind === 'phase' && entry.step !== undefined) done.set(entry.step, entry);
  }
  const longest = Math.max(1, ...[...done.values()].map(({ durationMs = 0 }) => durationMs));
  const rows = (Object.keys(STEPS) as WorkflowStep[]).map((step, index) => ({
    step,
    index,
    entry: done.get(step),
  }));
  return (
    <section className="card wide workflow">
      <h2>How it came up</h2>
      <p className="about">
        Wrapping and deployment, step by step. Some steps go on at the same time: their durations do not add
        up.
        {journal.dropped > 0 ? ' The journal does not go back to the beginning: steps may be missing.' : ''}
      </p>
      {done.size === 0 ? null : (
        <DataTable
          caption="Steps of the workflow"
          rows={rows}
          keyOf={({ step }) => step}
          empty=""
          columns={[
            {
              name: 'step',
              cell: ({ index, step }) => `${index + 1}. ${STEPS[step]}`,
              value: ({ index }) => index,
            },
            {
              name: 'took',
              number: true,
              cell: ({ entry }) => (entry === undefined ? 'not yet' : clockTime(entry.durationMs ?? 0)),
              value: ({ entry }) => entry?.durationMs ?? -1,
            },
            {
              name: 'as a bar',
              cell: ({ entry }) => (
                <svg className="step-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={(100 * (entry?.durationMs ?? 0)) / longest} height="10" />
                </svg>
              ),
            },
            {
              name: 'what came of it',
              cell: ({ entry, step }) => entry?.reason.replace(`${step}: `, '') ?? '',
            },
          ]}
        />
      )}
      {done.size === 0 ? (
        <p className="empty">
          No step is in the journal by then. Runs of agents that are attested have them: muster scenario run
          demo --genuine.
        </p>
      ) : null}
    </section>
  );
}
