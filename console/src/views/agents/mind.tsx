import type { ReactNode } from 'react';
import { useState } from 'react';
import { mindFromJournal } from '../../../../src/core/explain/mind-from-journal.ts';
import { sentenceOf } from '../../../../src/core/explain/sentence.ts';
import type { JournalEntry } from '../../../../src/protocol/journal.ts';
import { countBefore } from '../../data/count-before.ts';
import type { Journal } from '../../data/journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { atTime, commandOn } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime, figure } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { useStep } from './use-step.ts';

const LAST = 40;

/** What goes on in an agent at the time that is looked at, and how that has come about; stepped by its own entries. */
export function Mind({ agent }: { readonly agent: string }) {
  const { source, journal, end, isNow, last } = useJournal();
  const own = entriesOf(journal, agent, end);
  const nowMs = Math.max(last?.tMs ?? 0, own.at(-1)?.tMs ?? 0);
  const mind = mindFromJournal(own, agent, nowMs);
  const before = mindFromJournal(own.slice(0, -1), agent, nowMs);
  const { back, on } = useStep(journal.ofAgent(agent), end);
  return (
    <ViewFrame
      title={`Agent ${agent}`}
      about="What it believes, wants and does, as far as its journal tells."
      command={commandOn(source, 'agent', 'describe', agent, ...atTime(isNow ? undefined : last?.tMs))}
    >
      <p>
        <ViewLink to="/agents">all agents</ViewLink> ·{' '}
        <ViewLink to={`/attestation/${encodeURIComponent(agent)}`}>
          its attestation{source.kind === 'up' ? ', and how to revoke it' : ''}
        </ViewLink>
      </p>
      <div className="filters">
        <button type="button" disabled={back === undefined} onClick={back}>
          ◀ step back
        </button>
        <button type="button" disabled={on === undefined} onClick={on}>
          step on ▶
        </button>
        <span className="about">
          {own.length} entries by {clockTime(nowMs)}; what the last one has changed is marked ✱, what it has
          ended ✕
        </span>
      </div>
      {mind === undefined ? (
        <Empty>It has written nothing by then.</Empty>
      ) : (
        <div className="cards">
          <section className="card wide" data-tour="beliefs">
            <DataTable
              caption="Beliefs"
              rows={mind.beliefs}
              keyOf={({ belief }) => belief}
              empty="It believes nothing yet."
              page={25}
              columns={[
                {
                  name: 'belief',
                  cell: ({ belief, truth, value }) => {
                    const was = before?.beliefs.find((each) => each.belief === belief);
                    const changed =
                      was === undefined ||
                      was.truth !== truth ||
                      JSON.stringify(was.value) !== JSON.stringify(value);
                    return `${changed ? '✱ ' : ''}${belief}`;
                  },
                  value: ({ belief }) => belief,
                },
                { name: 'so', cell: ({ truth }) => truth, value: ({ truth }) => truth },
                { name: 'value', cell: ({ value }) => <Value value={value} /> },
                { name: 'from', cell: ({ source }) => source, value: ({ source }) => source },
                {
                  name: 'age',
                  number: true,
                  cell: ({ ageMs }) => clockTime(ageMs),
                  value: ({ ageMs }) => ageMs,
                },
              ]}
            />
          </section>
          <section className="card" data-tour="goals">
            <h2>Goals</h2>
            <Changes
              now={mind.goals}
              before={before?.goals}
              keyOf={({ goal }) => goal}
              empty="It wants nothing just now."
            >
              {({ goal, status, priority, reason }) => (
                <>
                  {goal} <span className="badge">{status}</span> priority {figure(priority)}
                  {reason === '' ? '' : `: ${reason}`}
                </>
              )}
            </Changes>
          </section>
          <section className="card">
            <h2>Intentions</h2>
            <Changes
              now={mind.intentions}
              before={before?.intentions}
              keyOf={({ intention }) => intention}
              empty="It is at nothing just now."
            >
              {({ plan, step, waitsFor }) => (
                <>
                  {plan}, step {step}
                  {waitsFor === 'nothing' ? '' : <span className="badge">waits for {waitsFor}</span>}
                </>
              )}
            </Changes>
          </section>
          <section className="card">
            <h2>Capabilities</h2>
            <Changes
              now={mind.capabilities}
              before={before?.capabilities}
              keyOf={({ name }) => name}
              empty="It can do nothing."
            >
              {({ name, active }) => (
                <>
                  {name} {active ? '✓ active' : '○ not active'}
                </>
              )}
            </Changes>
          </section>
          <LastEntries own={own} />
        </div>
      )}
    </ViewFrame>
  );
}

interface ChangesProps<Item> {
  readonly now: readonly Item[];
  /** Undefined: nothing was known. */
  readonly before: readonly Item[] | undefined;
  keyOf(item: Item): string;
  readonly empty: string;
  children(item: Item): ReactNode;
}

/** What is there, what of it is new or other than before, and what is there no more. */
function Changes<Item>({ now, before = [], keyOf, empty, children }: ChangesProps<Item>) {
  const was = new Map(before.map((each) => [keyOf(each), JSON.stringify(each)]));
  const gone = before.filter((each) => !now.some((other) => keyOf(other) === keyOf(each)));
  return (
    <>
      {now.length === 0 ? <Empty>{empty}</Empty> : null}
      <ul>
        {now.map((each) => (
          <li key={keyOf(each)}>
            {was.get(keyOf(each)) === JSON.stringify(each) ? '' : '✱ '}
            {children(each)}
          </li>
        ))}
        {gone.map((each) => (
          <li key={`gone ${keyOf(each)}`} className="about">
            ✕ <s>{children(each)}</s>
          </li>
        ))}
      </ul>
    </>
  );
}

function Value({ value }: { readonly value: unknown }) {
  const [whole, setWhole] = useState(false);
  const text = value === undefined || value === null ? '' : JSON.stringify(value, readable);
  if (text.length < 100) return <code>{text}</code>;
  return (
    <>
      <code>{whole ? text : `${text.slice(0, 90)}…`}</code>{' '}
      <button type="button" onClick={() => setWhole(!whole)}>
        {whole ? 'less' : 'more'}
      </button>
    </>
  );
}

/** Of a measured number, as many digits as mean anything. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Math.abs(value) < 1 ? Number(value.toPrecision(3)) : Number(value.toFixed(2));
}

function LastEntries({ own }: { readonly own: readonly JournalEntry[] }) {
  return (
    <section className="card wide">
      <h2>What it did last, messages too</h2>
      <ul>
        {own
          .slice(-LAST)
          .reverse()
          .map((entry) => (
            <li key={entry.id}>
              <span className="about">{clockTime(entry.tMs)}</span> {sentenceOf(entry, null)}{' '}
              <ViewLink to={`/why/${encodeURIComponent(entry.id)}`}>why?</ViewLink>
            </li>
          ))}
      </ul>
    </section>
  );
}

function entriesOf(journal: Journal, agent: string, end: number): readonly JournalEntry[] {
  const positions = journal.ofAgent(agent);
  return positions.slice(0, countBefore(positions, end)).flatMap((at) => journal.index.entries[at] ?? []);
}
