import { Journal } from './journal.ts';

/** Where what is shown comes from: what is up, or a run of a scenario. */
export type Source = { readonly kind: 'up' } | { readonly kind: 'run'; readonly id: string };

export const UP: Source = { kind: 'up' };

/** As it stands in addresses. */
export function sourceOf(name: string | null): Source {
  return name === null || name === '' || name === 'up' ? UP : { kind: 'run', id: name };
}

export function nameOf(source: Source): string {
  return source.kind === 'up' ? 'up' : source.id;
}

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
