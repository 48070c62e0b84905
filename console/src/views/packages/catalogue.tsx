import type { CatalogueService } from '../../../../src/protocol/catalogue-service.ts';
import type { NamedFile } from '../../data/ask.ts';
import { useSession } from '../../data/session.ts';
import { useAsked } from '../../data/use-asked.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { many } from '../../parts/figures.ts';
import { RefusedPart } from '../../parts/states.tsx';

/** Services that come with Muster. Taking one is as dropping its files: they are checked and shown before anything is done. */
export function Catalogue({ onTake }: { onTake(files: readonly NamedFile[]): void }) {
  const { value: services = [], refused } = useAsked<readonly CatalogueService[]>('/v1/catalogue');
  const mayAct = useSession()?.role === 'operator';
  return (
    <section className="catalogue">
      <h2>Nothing to drop?</h2>
      <RefusedPart refused={refused} />
      <DataTable
        caption="Services that come with Muster"
        rows={services}
        keyOf={({ id }) => id}
        empty="None are known."
        columns={[
          { name: 'service', cell: ({ id }) => id, value: ({ id }) => id },
          { name: 'what it is', cell: ({ about }) => about },
          { name: 'files', cell: ({ files }) => many(files.length, 'file') },
          {
            name: 'take',
            cell: ({ id, files }) => (
              <button
                type="button"
                disabled={!mayAct}
                onClick={() => {
                  onTake(files.map(asFile));
                  scrollTo({ top: 0 });
                }}
              >
                take {id}
              </button>
            ),
          },
        ]}
      />
    </section>
  );
}

function asFile({ name, text }: CatalogueService['files'][number]): NamedFile {
  return { name, file: new File([text], name.slice(name.lastIndexOf('/') + 1), { type: 'text/yaml' }) };
}
