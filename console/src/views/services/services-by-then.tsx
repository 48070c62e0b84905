import type { JournalEntry } from '../../../../src/protocol/journal.ts';
import { countBefore } from '../../data/count-before.ts';
import type { Journal } from '../../data/journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';

type OperationEntry = Extract<JournalEntry, { kind: 'operation' }>;

/** Entries about what was done to services before a position of the journal, the newest first; of one service, or of all. */
export function operationsUntil(journal: Journal, end: number, service?: string): readonly OperationEntry[] {
  const positions = journal.ofKind('operation');
  return positions
    .slice(0, countBefore(positions, end))
    .flatMap((position) => {
      const entry = journal.index.entries[position];
      if (entry?.kind !== 'operation') return [];
      return service === undefined || entry.service === service || entry.name === service ? [entry] : [];
    })
    .reverse();
}

/** The services as the journal had told of them by the time that is looked at. */
export function ServicesByThen() {
  const { journal, end } = useJournal();
  const rows = new Map<string, OperationEntry>();
  for (const entry of operationsUntil(journal, end)) {
    if (!rows.has(entry.service)) rows.set(entry.service, entry);
  }
  return (
    <DataTable
      caption="Services as they were by then"
      rows={[...rows.values()]}
      keyOf={({ service }) => service}
      empty="Nothing had been done to any service by then. Go on in time, or to now."
      columns={[
        {
          name: 'service',
          cell: ({ service, name }) => (
            <ViewLink to={`/services/${encodeURIComponent(service)}`}>{name}</ViewLink>
          ),
          value: ({ name }) => name,
        },
        {
          name: 'last',
          cell: ({ change, state }) => `${change}: ${state.toLowerCase().replaceAll('_', ' ')}`,
        },
        { name: 'step that had ended', cell: ({ step }) => step ?? '' },
        { name: 'at', number: true, cell: ({ tMs }) => clockTime(tMs), value: ({ tMs }) => tMs },
        {
          name: 'units',
          number: true,
          cell: ({ units }) => units.length,
          value: ({ units }) => units.length,
        },
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
  );
}
