import { useCallback, useEffect, useState } from 'react';
import { ask, NOT_HERE, Refused } from './ask.ts';

/** How often is asked again for what is not done here. */
const NOT_HERE_EVERY_MS = 10_000;

export interface AskedFor<T> {
  /** What was answered last; undefined: nothing yet. */
  readonly value: T | undefined;
  /** Why the last request came to nothing. */
  readonly refused: Refused | undefined;
  /** Asks again now. */
  again(): void;
}

/**
 * Asks for something, and, with a period, again and again while the page is looked at, until an answer is one that stays. Null: it is not
 * asked. `stays` is a function that does not change.
 */
export function useAsked<T>(
  path: string | null,
  everyMs?: number,
  stays?: (value: T) => boolean,
): AskedFor<T> {
  const [value, setValue] = useState<{ readonly path: string; readonly value: T }>();
  const [refused, setRefused] = useState<Refused>();
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((now) => now + 1), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      let waitMs = everyMs;
      if (!document.hidden) {
        try {
          const answer = await ask<T>(path, { signal: abort.signal });
          setValue({ path, value: answer });
          setRefused(undefined);
          if (stays?.(answer)) return;
        } catch (error) {
          if (abort.signal.aborted) return;
          const why = error instanceof Refused ? error : new Refused(0, String(error), '');
          setRefused(why);
          if (everyMs !== undefined && why.status === NOT_HERE) waitMs = Math.max(everyMs, NOT_HERE_EVERY_MS);
        }
      }
      if (waitMs !== undefined && !abort.signal.aborted) timer = setTimeout(look, waitMs);
    };
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, everyMs, stays, round]);
  return { value: value !== undefined && value.path === path ? value.value : undefined, refused, again };
}
