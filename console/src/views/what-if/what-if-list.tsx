import { changeInWords } from '../../../../src/core/explain/what-if-in-words.ts';
import type { WhatIfView } from '../../../../src/protocol/what-if.ts';
import { useAsked } from '../../data/use-asked.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ViewLink } from '../../parts/link.tsx';
import { RefusedNote } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { Question } from './question.tsx';

const EVERY_MS = 2000;

/** What can be asked, and what has been. */
export function WhatIfList() {
  const { value, refused } = useAsked<readonly WhatIfView[]>('/v1/what-ifs', EVERY_MS);
  const isBusy = value?.some(({ state }) => state === 'running') === true;
  return (
    <ViewFrame
      title="What if"
      about="What is up, forked into the twin, changed there and run ahead of time: nothing of it is touched."
      command="muster what-if list"
    >
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      <Question isBusy={isBusy} />
      <section className="card wide">
        <DataTable
          caption="What has been asked, the newest first"
          rows={value ?? []}
          keyOf={({ id }) => id}
          empty="Nothing has been asked yet."
          page={20}
          columns={[
            {
              name: 'what if',
              cell: ({ id, order }) => (
                <ViewLink to={`/what-if/${encodeURIComponent(id)}`}>{changeInWords(order.change)}</ViewLink>
              ),
              value: ({ order }) => changeInWords(order.change),
            },
            { name: 'id', cell: ({ id }) => id, value: ({ id }) => id },
            { name: 'state', cell: ({ state }) => state, value: ({ state }) => state },
            { name: 'asked by', cell: ({ by }) => by, value: ({ by }) => by },
            {
              name: 'at',
              cell: ({ atMs }) => new Date(atMs).toLocaleString(),
              value: ({ atMs }) => atMs,
            },
          ]}
        />
      </section>
    </ViewFrame>
  );
}
