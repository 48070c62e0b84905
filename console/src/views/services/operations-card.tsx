import { useState } from 'react';
import type { Operation } from '../../../../src/protocol/operation-record.ts';
import { useJournal } from '../../data/use-journal.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ViewLink } from '../../parts/link.tsx';
import { OperationCard } from './operation-card.tsx';
import { fareOfOperation } from './service-words.ts';
import { operationsUntil } from './services-by-then.tsx';
import { ToldBadge } from './told-badge.tsx';

interface Props {
  readonly operations: readonly Operation[];
  again(): void;
}

/** What has been done to a service, the newest first; one of them step by step. */
export function OperationsCard({ operations, again }: Props) {
  const [shown, setShown] = useState<string>();
  const { journal, end } = useJournal();
  const entries = operationsUntil(journal, end).toReversed();
  const one = operations.find(({ id }) => id === shown);
  return (
    <>
      <section className="card wide">
        <h2>Operations</h2>
        <DataTable
          caption="Operations, the newest first"
          captionHidden
          page={10}
          rows={operations}
          keyOf={({ id }) => id}
          empty="Nothing has been done to it yet."
          columns={[
            {
              name: 'operation',
              cell: ({ id, params }) => (
                <button
                  type="button"
                  aria-expanded={id === shown}
                  onClick={() => setShown(id === shown ? undefined : id)}
                >
                  {params.kind}
                </button>
              ),
              value: ({ params }) => params.kind,
            },
            {
              name: 'state',
              cell: (operation) => <ToldBadge told={fareOfOperation(operation)} />,
              value: ({ state }) => state,
            },
            {
              name: 'began',
              cell: ({ startedAtMs }) => new Date(startedAtMs).toLocaleTimeString(),
              value: ({ startedAtMs }) => startedAtMs,
            },
            {
              name: 'seconds',
              number: true,
              cell: (operation) => secondsOf(operation).toFixed(2),
              value: secondsOf,
            },
            {
              name: 'because',
              cell: ({ reason, automatic }) => `${reason}${automatic ? ' (by itself)' : ''}`,
            },
            {
              name: 'why',
              cell: ({ id, service }) => {
                const entry = entries.findLast((each) => each.operation === id && each.service === service);
                return entry === undefined ? null : (
                  <ViewLink to={`/why/${encodeURIComponent(entry.id)}`}>why?</ViewLink>
                );
              },
            },
          ]}
        />
      </section>
      {one === undefined ? null : <OperationCard operation={one} again={again} />}
    </>
  );
}

/** From its begin to the end of its last step. */
function secondsOf({ startedAtMs, enteredAtMs }: Operation): number {
  return Math.max(0, enteredAtMs - startedAtMs) / 1000;
}
