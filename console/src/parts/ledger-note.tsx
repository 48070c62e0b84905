import type { LedgerLooking } from '../data/ledger.ts';
import { Loading, RefusedNote } from './states.tsx';

/** Where what is shown of the ledger comes from, and what of it is not there. */
export function LedgerNote({
  ledger,
  lacking,
}: {
  readonly ledger: LedgerLooking;
  readonly lacking: string;
}) {
  const { isRun, isLoading, isFull, refused, blocks } = ledger;
  return (
    <>
      {refused === undefined ? null : <RefusedNote refused={refused} />}
      {isRun ? <p className="about">A run is told by its journal alone. {lacking}</p> : null}
      {isLoading && refused === undefined && blocks.length === 0 ? <Loading what="the ledger" /> : null}
      {isFull ? (
        <p className="about">
          The ledger has more than this page keeps; what is newer stands in <code>muster ledger list</code>.
        </p>
      ) : null}
    </>
  );
}
