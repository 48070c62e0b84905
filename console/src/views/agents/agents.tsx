import { useRoute } from 'wouter';
import type { AgentStatus, Status } from '../../../../src/protocol/up-status.ts';
import { countBefore } from '../../data/count-before.ts';
import { useAsked } from '../../data/use-asked.ts';
import { useJournal } from '../../data/use-journal.ts';
import { commandOn } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { byName } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { OfNow } from '../../parts/of-now.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { Mind } from './mind.tsx';

const EVERY_MS = 2000;

interface Row {
  readonly name: string;
  readonly written: number;
  readonly known: AgentStatus | undefined;
}

/** The agents, and the mind of each. */
export function Agents() {
  const [chosen, params] = useRoute('/agents/:name');
  const { source, journal, end } = useJournal();
  const { value: status } = useAsked<Status>(source.kind === 'up' ? '/v1/status' : null, EVERY_MS);
  if (chosen) return <Mind key={params.name} agent={decodeURIComponent(params.name)} />;
  const known = new Map(status?.agents.map((each) => [each.name, each]));
  const names = [...new Set([...known.keys(), ...journal.agents()])].sort(byName);
  const rows = names.map(
    (name): Row => ({
      name,
      known: known.get(name),
      written: countBefore(journal.ofAgent(name), end),
    }),
  );
  return (
    <ViewFrame
      title="Agents"
      about="Who there is, what each may do, and the way into their minds."
      command={commandOn(source, 'agent', 'list')}
    >
      <OfNow />
      <DataTable
        caption="Agents"
        rows={rows}
        keyOf={({ name }) => name}
        empty="No agent has said anything by then."
        columns={[
          {
            name: 'agent',
            cell: ({ name }) => <ViewLink to={`/agents/${encodeURIComponent(name)}`}>{name}</ViewLink>,
            value: ({ name }) => name,
          },
          { name: 'site', cell: ({ known }) => known?.site ?? '', value: ({ known }) => known?.site ?? '' },
          { name: 'host', cell: ({ known }) => known?.host ?? '', value: ({ known }) => known?.host ?? '' },
          {
            name: 'attestation',
            cell: ({ known }) => <Trust known={known} />,
            value: ({ known }) => known?.status ?? '',
          },
          { name: 'roles', cell: ({ known }) => known?.roles.join(', ') ?? '' },
          {
            name: 'journal entries',
            number: true,
            cell: ({ written }) => written,
            value: ({ written }) => written,
          },
          { name: 'what is amiss', cell: ({ known }) => known?.reason ?? '' },
        ]}
      />
    </ViewFrame>
  );
}

export function Trust({ known }: { readonly known: AgentStatus | undefined }) {
  if (known === undefined) return null;
  const good = known.status === 'attested';
  return (
    <span className={`badge ${good ? 'good' : 'warn'}`}>
      {good ? '✓ ' : '▲ '}
      {known.status}
      {known.keyed ? ', has the key' : ''}
    </span>
  );
}
