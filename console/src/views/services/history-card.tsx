import { useJournal } from '../../data/use-journal.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { operationsUntil } from './services-by-then.tsx';

/** What had been done to a service by the time that is looked at. */
export function HistoryCard({ service }: { readonly service: string }) {
  const { journal, end } = useJournal();
  const entries = operationsUntil(journal, end, service);
  return (
    <section className="card wide">
      <h2>What had been done by then</h2>
      <DataTable
        caption="Steps of operations, the newest first"
        rows={entries}
        keyOf={({ id }) => id}
        page={20}
        empty="Nothing had been done to it by then. Go on in time, or to now."
        columns={[
          { name: 'at', number: true, cell: ({ tMs }) => clockTime(tMs), value: ({ tMs }) => tMs },
          { name: 'operation', cell: ({ change }) => change, value: ({ change }) => change },
          { name: 'step that ended', cell: ({ step }) => step ?? '' },
          { name: 'state', cell: ({ state }) => state.toLowerCase().replaceAll('_', ' ') },
          { name: 'units', cell: ({ units }) => units.join(', ') },
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
