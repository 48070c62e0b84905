import { useEffect, useSyncExternalStore } from 'react';
import { useSearchParams } from 'wouter';

/** Browsers refuse an address that changes more often than some two hundred times in half a minute. */
const WRITTEN_AFTER_MS = 300;

/** A position of the journal that is looked at and does not stand in the address yet; `instead`: what stands there. */
interface Held {
  readonly at: string | null;
  readonly instead: string | null;
}

let held: Held | undefined;
const listeners = new Set<() => void>();

function hold(next: Held | undefined): void {
  held = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The position that is looked at; null: the newest. Whoever goes on quickly is ahead of the address. */
export function usePosition(): string | null {
  const [params] = useSearchParams();
  const written = params.get('at');
  const ahead = useSyncExternalStore(subscribe, () => held);
  return ahead !== undefined && ahead.instead === written ? ahead.at : written;
}

/** Goes to a position at once, and writes it into the address when one stays there. To be used in one place. */
export function useGo(): (position: number | undefined) => void {
  const [params, setParams] = useSearchParams();
  const written = params.get('at');
  const ahead = useSyncExternalStore(subscribe, () => held);
  useEffect(() => {
    if (ahead === undefined) return;
    if (ahead.instead !== written) {
      // It is written, or somebody went elsewhere.
      hold(undefined);
      return;
    }
    const timer = setTimeout(
      () =>
        setParams(
          (before) => {
            const next = new URLSearchParams(before);
            if (ahead.at === null) next.delete('at');
            else next.set('at', ahead.at);
            return next;
          },
          { replace: true },
        ),
      WRITTEN_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [ahead, written, setParams]);
  return (position) => {
    const at = position === undefined ? null : String(position);
    hold(at === written ? undefined : { at, instead: written });
  };
}
