import type { FilesChecked } from '../../../../src/protocol/file-reports.ts';
import { Refused } from '../../data/ask.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { RefusedNote } from '../../parts/states.tsx';

/** What applying files would change, before anything is changed. */
export function Changes({ checked }: { readonly checked: FilesChecked }) {
  return checked.services.map(({ service, changes, refusal }) => (
    <div key={service}>
      {refusal === null ? (
        <DataTable
          caption={`What applying ${service} would change`}
          rows={changes}
          keyOf={({ about, change }) => `${about} ${change}`}
          empty={`${service} is what this says already: nothing would change.`}
          page={20}
          columns={[
            { name: 'what', cell: ({ about }) => about, value: ({ about }) => about },
            { name: 'change', cell: ({ change }) => change },
          ]}
        />
      ) : (
        <RefusedNote refused={new Refused(422, refusal.reason, refusal.hint)} />
      )}
    </div>
  ));
}
