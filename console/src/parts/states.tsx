import type { ReactNode } from 'react';
import type { Refused } from '../data/ask.ts';

/** Nothing is there yet, and what brings it about. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="empty" role="status">
      Loading {what} …
    </p>
  );
}

/** Why something is not shown, and what to do. */
export function RefusedNote({ refused }: { readonly refused: Refused }) {
  return (
    <div className="refused" role="alert">
      <strong>{refused.message}</strong>
      {refused.hint === '' ? null : <span> {refused.hint}</span>}
    </div>
  );
}
