import { useCallback, useEffect, useState } from 'react';
import { ask, Refused } from './ask.ts';

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
      if (!document.hidden) {
        try {
          const answer = await ask<T>(path, { signal: abort.signal });
          setValue({ path, value: answer });
          setRefused(undefined);
          if (stays?.(answer)) return;
        } catch (error) {
          if (abort.signal.aborted) return;
          setRefused(error instanceof Refused ? error : new Refused(0, String(error), ''));
        }
      }
      if (everyMs !== undefined && !abort.signal.aborted) timer = setTimeout(look, everyMs);
    };
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, everyMs, stays, round]);
  return { value: value !== undefined && value.path === path ? value.value : undefined, refused, again };
}
