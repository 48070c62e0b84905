import { useDeferredValue, useMemo, useSyncExternalStore } from 'react';
import { useSearchParams } from 'wouter';
import type { JournalEntry } from '../../../src/protocol/journal.ts';
import type { Journal } from './journal.ts';
import { usePosition } from './position.ts';
import { journalOf } from './source.ts';
import type { Source } from './source-name.ts';
import { sourceOf } from './source-name.ts';

export interface Looking {
  readonly source: Source;
  readonly journal: Journal;
  /** Entries before this position are looked at: all, or those up to a time of the past. */
  readonly end: number;
  /** Whether it is the newest that is looked at. */
  readonly isNow: boolean;
  /** The last entry that is looked at. */
  readonly last: JournalEntry | undefined;
}

/** The same for views: who goes through a long journal is not held up by all that is drawn meanwhile. */
export function useJournal(): Looking {
  return useDeferredValue(useLooking());
}

/** What the address says that one looks at, as it is by now. */
export function useLooking(): Looking {
  const [params] = useSearchParams();
  const name = params.get('source');
  const at = usePosition();
  const source = useMemo(() => sourceOf(name), [name]);
  const journal = journalOf(source);
  const version = useSyncExternalStore(journal.subscribe, () => journal.version);
  return useMemo(() => {
    void version;
    const asked = at === null ? Number.NaN : Number(at);
    const isNow = !Number.isSafeInteger(asked) || asked < 0;
    const end = isNow ? journal.length : Math.min(asked, journal.length);
    return { source, journal, end, isNow, last: journal.index.entries[end - 1] };
  }, [journal, source, at, version]);
}
