import { useEffect, useRef, useState } from 'react';
import { sentenceOf } from '../../../src/core/explain/sentence.ts';
import type { Journal } from '../data/journal.ts';
import { useGo } from '../data/position.ts';
import { useLooking } from '../data/use-journal.ts';
import { clockTime } from '../parts/figures.ts';

const SPEEDS = [1, 4, 16] as const;
const FRAME_MS = 50;

/** Goes back and forth in the journal: every view shows what was known by then. */
export function TimeBar() {
  const { journal, end, isNow, last } = useLooking();
  const setPosition = useGo();
  const [speed, setSpeed] = useState<number>();
  const go = (position: number | undefined) => {
    setPosition(position === undefined ? undefined : Math.max(0, Math.min(journal.length, position)));
  };
  usePlay(journal, end, speed, go, () => setSpeed(undefined));
  const pause = () => {
    setSpeed(undefined);
    if (isNow) go(journal.length);
  };
  return (
    <footer className="time">
      <button type="button" onClick={() => go(end - 1)} disabled={end === 0} aria-label="One entry back">
        ◀
      </button>
      {speed === undefined && !isNow ? (
        <button type="button" onClick={() => setSpeed(1)} aria-label="Play">
          ▶
        </button>
      ) : (
        <button type="button" onClick={pause} aria-label="Pause">
          ❚❚
        </button>
      )}
      <button
        type="button"
        onClick={() => go(end + 1)}
        disabled={isNow || end >= journal.length}
        aria-label="One entry on"
      >
        ▶❘
      </button>
      <input
        type="range"
        min={0}
        max={journal.length}
        value={end}
        aria-label="Position in the journal"
        aria-valuetext={
          last === undefined
            ? 'before the first entry'
            : `${clockTime(last.tMs)}, entry ${end} of ${journal.length}`
        }
        onChange={({ target }) => go(Number(target.value))}
      />
      <select
        aria-label="Speed"
        value={speed ?? 1}
        onChange={({ target }) => setSpeed(Number(target.value))}
        disabled={isNow}
      >
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {each}×
          </option>
        ))}
      </select>
      <button type="button" className="now" disabled={isNow} onClick={() => go(undefined)}>
        {journal.state === 'complete' ? 'end' : 'now'}
      </button>
      <span className="moment">
        {last === undefined ? '' : `${clockTime(last.tMs)}  ${sentenceOf(last, null).slice(0, 160)}`}
      </span>
    </footer>
  );
}

/** Goes on by itself, as fast as things happened or some times faster. */
function usePlay(
  journal: Journal,
  end: number,
  speed: number | undefined,
  go: (position: number | undefined) => void,
  onEnd: () => void,
): void {
  const now = useRef({ end, go, onEnd });
  now.current = { end, go, onEnd };
  useEffect(() => {
    if (speed === undefined) return;
    let tMs = journal.index.entries[now.current.end - 1]?.tMs;
    const timer = setInterval(() => {
      const { entries } = journal.index;
      let position = now.current.end;
      tMs = (tMs ?? entries[position]?.tMs ?? 0) + FRAME_MS * speed;
      while (position < entries.length && (entries[position]?.tMs ?? 0) <= tMs) position++;
      if (position >= entries.length) now.current.onEnd();
      if (position !== now.current.end) now.current.go(position);
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, [journal, speed]);
}
