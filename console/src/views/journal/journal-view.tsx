import { useRoute, useSearchParams } from 'wouter';
import { sentenceOf } from '../../../../src/core/explain/sentence.ts';
import type { JournalEntry, JournalKind } from '../../../../src/protocol/journal.ts';
import type { Journal } from '../../data/journal.ts';
import { countBefore } from '../../data/journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
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
/** As many as are looked for; who wants more says more of what they look for. */
const MOST = 2000;

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
  const found = search(journal, end, wanted);
  return (
    <ViewFrame
      title="Journal"
      about="Everything that happened. Look for an address, an agent, a rule, a service."
      command={
        source.kind === 'up'
          ? `muster why ${wanted.text || 'ADDRESS'}`
          : `muster why ${wanted.text || 'ADDRESS'} --run runs/${source.id}`
      }
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
        caption={found.length === MOST ? `The newest ${MOST}` : `${found.length} entries, the newest first`}
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

interface Wanted {
  readonly text: string;
  readonly kind: string;
  readonly agent: string;
}

/** The newest that fit. Actions come first where an address is looked for: mostly one wants to know why it was blocked. */
function search(journal: Journal, end: number, { text, kind, agent }: Wanted): readonly JournalEntry[] {
  const found: JournalEntry[] = [];
  const sought = text.trim().toLowerCase();
  const positions =
    kind !== '' ? journal.ofKind(kind as JournalKind) : agent !== '' ? journal.ofAgent(agent) : undefined;
  const from = positions === undefined ? end : countBefore(positions, end);
  for (let at = from - 1; at >= 0 && found.length < MOST; at--) {
    const entry = journal.index.entries[positions === undefined ? at : (positions[at] ?? 0)];
    if (entry === undefined || (agent !== '' && entry.agent !== agent)) continue;
    if (sought !== '' && !textOf(entry).includes(sought)) continue;
    found.push(entry);
  }
  if (sought === '' || kind !== '') return found;
  const acts = (entry: JournalEntry) => entry.kind === 'action' && entry.status === 'done';
  return [...found.filter(acts), ...found.filter((entry) => !acts(entry))];
}

const texts = new WeakMap<JournalEntry, string>();

function textOf(entry: JournalEntry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = JSON.stringify(entry).toLowerCase();
    texts.set(entry, text);
  }
  return text;
}
