import type { ReactNode } from 'react';
import { NOT_HERE, type Refused } from '../data/ask.ts';

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
  // Nothing is wrong: what is up here does not do that.
  if (refused.status === NOT_HERE)
    return (
      <p className="empty" role="status">
        {refused.message}. {refused.hint}
      </p>
    );
  return (
    <div className="refused" role="alert">
      <strong>{refused.message}</strong>
      {refused.hint === '' ? null : <span> {refused.hint}</span>}
    </div>
  );
}

/** The same within a part of a view, which tells by itself when Muster does not answer at all. */
export function RefusedPart({ refused }: { readonly refused: Refused | undefined }) {
  return refused === undefined || refused.status === 0 ? null : <RefusedNote refused={refused} />;
}
