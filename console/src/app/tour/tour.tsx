import { useLocation, useSearchParams } from 'wouter';
import { nameOf } from '../../data/source-name.ts';
import { useJournal } from '../../data/use-journal.ts';
import { clockTime } from '../../parts/figures.ts';
import { focusHeading } from '../../parts/focus-heading.ts';
import { findSteps, STEPS } from './steps.ts';
import { useLit } from './use-lit.ts';
import './tour.css';

/** Leads through the paper's case, each step at the view where it happens. In the address: `tour`, the number of the step. */
export function Tour() {
  const [params] = useSearchParams();
  const [, navigate] = useLocation();
  const { source, journal } = useJournal();
  const asked = params.get('tour');
  const at = Number(asked);
  const step = asked === null ? undefined : STEPS[at];
  const isShown = params.get('at') !== null;
  useLit(isShown ? step?.lit : undefined, at);
  if (step === undefined) return null;
  const positions = findSteps(journal.index.entries);
  const position = positions[at];
  const query = (more: Readonly<Record<string, string>>) =>
    new URLSearchParams({ source: nameOf(source), ...more }).toString();
  const go = (to: number) => {
    const there = positions[to];
    const entry = there === undefined ? undefined : journal.index.entries[there];
    const next = STEPS[to];
    if (there === undefined || entry === undefined || next === undefined)
      navigate(`/?${query({ tour: String(to) })}`);
    else navigate(`${next.view(entry)}?${query({ tour: String(to), at: String(there + 1) })}`);
  };
  const entry = position === undefined ? undefined : journal.index.entries[position];
  return (
    <aside className="tour" aria-label="Guided tour">
      <p className="about" role="status">
        Step {at + 1} of {STEPS.length}
        {entry === undefined ? ': waiting for it to happen …' : `, at ${clockTime(entry.tMs)}`}
      </p>
      <h2>{step.title}</h2>
      <p>{step.words}</p>
      <div className="filters">
        <button type="button" disabled={at === 0} onClick={() => go(at - 1)}>
          back
        </button>
        {entry !== undefined && !isShown ? (
          <button type="button" className="main" onClick={() => go(at)}>
            show it
          </button>
        ) : null}
        {at === STEPS.length - 1 ? null : (
          <button
            type="button"
            className={isShown ? 'main' : ''}
            disabled={entry === undefined}
            onClick={() => go(at + 1)}
          >
            next
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            navigate(`/?${query({})}`);
            setTimeout(focusHeading);
          }}
        >
          {at === STEPS.length - 1 ? 'end the tour' : 'leave the tour'}
        </button>
      </div>
    </aside>
  );
}
