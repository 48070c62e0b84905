import { useRoute, useSearchParams } from 'wouter';
import { sentenceOf } from '../../../../src/core/explain/sentence.ts';
import type { JournalKind } from '../../../../src/protocol/journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { commandOn } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { MOST_FOUND, searchJournal, soughtIn } from './search-journal.ts';
import { Why } from './why.tsx';

const KINDS: readonly JournalKind[] = [
  'action',
  'auction',
  'award',
  'belief',
  'bid',
  'capability',
  'fault',
  'goal',
  'intention',
  'ledger',
  'measurement',
  'message',
  'offer',
  'operation',
  'phase',
  'plan',
  'request',
];

/** Everything that happened, and the reasons of each. */
export function JournalView() {
  const [asked, params] = useRoute('/why/:id');
  return asked ? <Why id={decodeURIComponent(params.id)} /> : <Search />;
}

function Search() {
  const { source, journal, end } = useJournal();
  const [params, setParams] = useSearchParams();
  const wanted = {
    text: params.get('find') ?? '',
    kind: params.get('kind') ?? '',
    agent: params.get('agent') ?? '',
  };
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const found = searchJournal(journal, end, wanted);
  const sought = soughtIn(wanted.text) || 'ADDRESS';
  return (
    <ViewFrame
      title="Journal"
      about="Everything that happened. Look for an address, an agent, a rule, a service."
      command={commandOn(source, 'why', sought)}
    >
      <search className="filters">
        <label>
          look for
          <input
            type="search"
            value={wanted.text}
            placeholder="10.0.0.7, a3, block"
            onChange={({ target }) => set('find', target.value)}
          />
        </label>
        <label>
          kind
          <select value={wanted.kind} onChange={({ target }) => set('kind', target.value)}>
            <option value="">all</option>
            {KINDS.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>
        <label>
          agent
          <select value={wanted.agent} onChange={({ target }) => set('agent', target.value)}>
            <option value="">all</option>
            {['muster', ...journal.agents()].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </search>
      <DataTable
        caption={
          found.length === MOST_FOUND
            ? `The newest ${MOST_FOUND}`
            : `${found.length} entries, the newest first`
        }
        rows={found}
        keyOf={({ id }) => id}
        empty="Nothing of that kind has happened by then."
        columns={[
          { name: 'time', number: true, cell: ({ tMs }) => clockTime(tMs), value: ({ tMs }) => tMs },
          { name: 'kind', cell: ({ kind }) => kind, value: ({ kind }) => kind },
          { name: 'what', cell: (entry) => sentenceOf(entry, null) },
          {
            name: 'because',
            cell: ({ id }) => <ViewLink to={`/why/${encodeURIComponent(id)}`}>why?</ViewLink>,
          },
        ]}
      />
    </ViewFrame>
  );
}
