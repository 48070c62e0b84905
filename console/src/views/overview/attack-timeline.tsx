import { useLocation } from 'wouter';
import type { JournalEntry } from '../../../../src/protocol/journal.ts';
import type { RunDetail } from '../../../../src/protocol/run-view.ts';
import { countBefore } from '../../data/count-before.ts';
import type { Looking } from '../../data/use-journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime, rate } from '../../parts/figures.ts';
import { useAddress, ViewLink } from '../../parts/link.tsx';
import { Empty } from '../../parts/states.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';

/** What agents do to traffic. */
const MARKED: Readonly<Record<string, string>> = {
  'limit-link': 'link limited',
  'limit-target': 'target limited',
  'limit-flow': 'flow limited',
  'block-source': 'source blocked',
  'remove-rule': 'rule lifted',
};

const SERIES = [
  { name: 'all', of: 'total', className: 'part-5' },
  { name: 'of users', of: 'legitimate', className: 'part-2' },
  { name: 'attack sent', of: 'attackOffered', className: 'part-1' },
  { name: 'attack let through', of: 'attackDelivered', className: 'part-4' },
] as const;

/** Traffic of the guarded link with the agents' actions marked on it, until the time that is looked at. */
export function AttackTimeline({ detail }: { readonly detail: RunDetail }) {
  const looking = useJournal();
  const link = busiest(detail);
  const untilMs = looking.isNow ? Number.POSITIVE_INFINITY : (looking.last?.tMs ?? 0);
  const samples = detail.traffic.filter((each) => each.link === link && each.tMs <= untilMs);
  const actions = actionsUntil(looking);
  const [, navigate] = useLocation();
  const address = useAddress();
  return (
    <section className="card wide" data-tour="traffic">
      <h2>Attack timeline{link === undefined ? '' : `: link ${link}`}</h2>
      {samples.length === 0 ? (
        <Empty>No traffic has been measured by then.</Empty>
      ) : (
        <TimeChart
          label="Bytes per second over the guarded link"
          times={samples.map(({ tMs }) => tMs / 1000)}
          series={SERIES.map(({ name, of, className }) => ({
            name,
            className,
            values: samples.map((each) => each[of]),
          }))}
          marks={actions.map(({ id, tMs, action, target }) => ({
            at: tMs / 1000,
            title: `${MARKED[action]}: ${target}. Click for why.`,
            onClick: () => navigate(address(`/why/${encodeURIComponent(id)}`)),
          }))}
          format={rate}
        />
      )}
      <DataTable
        caption="What agents did to traffic"
        rows={actions}
        keyOf={({ id }) => id}
        empty="No agent has limited or blocked anything by then."
        page={20}
        columns={[
          { name: 'time', number: true, cell: ({ tMs }) => clockTime(tMs), value: ({ tMs }) => tMs },
          { name: 'what', cell: ({ action }) => MARKED[action] ?? action, value: ({ action }) => action },
          { name: 'where', cell: ({ target }) => target, value: ({ target }) => target },
          {
            name: 'by',
            cell: ({ detail: { owner }, agent }) => {
              const name = typeof owner === 'string' ? owner : agent;
              if (name === 'muster') return name;
              return <ViewLink to={`/agents/${encodeURIComponent(name)}`}>{name}</ViewLink>;
            },
          },
          {
            name: 'won at auction',
            cell: ({ detail: { award } }) =>
              typeof award === 'string' ? (
                <ViewLink to={`/auctions/${encodeURIComponent(award)}`}>{award}</ViewLink>
              ) : null,
          },
          {
            name: 'because',
            cell: ({ id }) => <ViewLink to={`/why/${encodeURIComponent(id)}`}>why?</ViewLink>,
          },
        ]}
      />
      <DataTable
        caption={`Bytes per second${link === undefined ? '' : ` over ${link}`}`}
        rows={samples}
        keyOf={({ tMs }) => String(tMs)}
        empty="No traffic has been measured by then."
        page={20}
        columns={[
          { name: 'time', number: true, cell: ({ tMs }) => clockTime(tMs), value: ({ tMs }) => tMs },
          ...SERIES.map(({ name, of }) => ({
            name,
            number: true,
            cell: (sample: Sample) => rate(sample[of]),
            value: (sample: Sample) => sample[of],
          })),
        ]}
      />
    </section>
  );
}

type Sample = RunDetail['traffic'][number];
type Action = Extract<JournalEntry, { kind: 'action' }>;

function actionsUntil({ journal, end }: Looking): readonly Action[] {
  const positions = journal.ofKind('action');
  return positions.slice(0, countBefore(positions, end)).flatMap((position) => {
    const entry = journal.index.entries[position];
    const counts = entry?.kind === 'action' && entry.status === 'done' && MARKED[entry.action] !== undefined;
    return counts ? [entry] : [];
  });
}

/** The link that most of the attack comes over. */
function busiest({ traffic }: RunDetail): string | undefined {
  const sums = new Map<string, number>();
  for (const { link, attackOffered, total } of traffic)
    sums.set(link, (sums.get(link) ?? 0) + attackOffered + total / 1e6);
  return [...sums].sort(([, a], [, b]) => b - a)[0]?.[0];
}
