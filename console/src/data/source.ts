import { Journal } from './journal.ts';
import type { Source } from './source-name.ts';

/** Only one is open at a time: a browser has few connections to a server. */
let open: Journal | undefined;

export function journalOf(source: Source): Journal {
  const path = source.kind === 'up' ? '/v1/journal' : `/v1/runs/${encodeURIComponent(source.id)}/journal`;
  if (open?.path === path) return open;
  open?.close();
  open = new Journal(path);
  open.open();
  return open;
}

/** It is opened anew when it is looked at again: a run may have begun under a name that was there, or another person is in. */
export function closeJournal(): void {
  open?.close();
  open = undefined;
}
