import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { RunView } from '../../../src/protocol/run-view.ts';
import type { Refused } from '../data/ask.ts';
import type { StreamState } from '../data/journal.ts';
import { leave, useSession } from '../data/session.ts';
import { nameOf } from '../data/source-name.ts';
import { useAsked } from '../data/use-asked.ts';
import { useJournal } from '../data/use-journal.ts';
import { useAddress } from '../parts/link.tsx';
import { nextTheme, theme } from './theme.ts';

const RUNS_EVERY_MS = 5000;
const STREAM_WORDS: Readonly<Record<StreamState, string>> = {
  connecting: '… connecting',
  live: '● live',
  stale: '▲ stale: what you see may be old',
  complete: '■ recorded',
};

/** What one looks at, whether it is of now, and who one is. */
export function TopBar({ onLeave }: { onLeave(why: Refused): void }) {
  const session = useSession();
  const { journal } = useJournal();
  const [shown, setShown] = useState(theme());
  const out = async () => {
    onLeave(await leave());
  };
  return (
    <header className="top">
      <strong className="brand">Muster</strong>
      <SourcePicker />
      <span className={`stream ${journal.state}`} role="status">
        {STREAM_WORDS[journal.state]}
      </span>
      <LookFor />
      <span className="who">
        {session?.name} ({session?.role})
      </span>
      <button
        type="button"
        onClick={() => setShown(nextTheme())}
        aria-label={`Colours: ${shown}. Change them`}
      >
        {shown === 'system' ? '◐' : shown === 'light' ? '○' : '●'}
      </button>
      <button type="button" onClick={() => void out()}>
        leave
      </button>
    </header>
  );
}

/** From anywhere to what the journal has of an address, an agent, a service. */
function LookFor() {
  const [, navigate] = useLocation();
  const address = useAddress();
  const [text, setText] = useState('');
  const go = (event: SubmitEvent) => {
    event.preventDefault();
    if (text.trim() !== '') navigate(address('/journal', { find: text.trim() }));
  };
  return (
    <search>
      <form className="look-for" onSubmit={go}>
        <input
          type="search"
          aria-label="Look for an address, an agent, a service"
          placeholder="why 10.1.0.7? why a3?"
          value={text}
          maxLength={200}
          onChange={({ target }) => setText(target.value)}
        />
      </form>
    </search>
  );
}

function SourcePicker() {
  const { source } = useJournal();
  const [, navigate] = useLocation();
  const { value: runs = [] } = useAsked<readonly RunView[]>('/v1/runs', RUNS_EVERY_MS);
  const name = nameOf(source);
  const known = name === 'up' || runs.some(({ id }) => id === name);
  return (
    <label className="source">
      <span className="hidden">What you look at</span>
      <select
        value={name}
        onChange={({ target }) =>
          navigate(target.value === 'up' ? '/' : `/?source=${encodeURIComponent(target.value)}`)
        }
      >
        <option value="up">what is up now</option>
        {known ? null : <option value={name}>run {name}</option>}
        {runs.map(({ id, state }) => (
          <option key={id} value={id}>
            run {id}
            {state === 'done' ? '' : ` (${state})`}
          </option>
        ))}
      </select>
    </label>
  );
}
