import type { Ledger } from '../../ports/ledger.ts';
import type { RegistryLedger } from '../registry/judge-round.ts';

/** The registry's account before it may send anything. */
export interface WaitingCalls extends RegistryLedger {
  /** Calls that wait are made, in the order in which they were asked for; later ones at once. */
  open(ledger: Pick<Ledger, 'call'>): void;
}

export function waitingCalls(pipeline: RegistryLedger['pipeline']): WaitingCalls {
  let open: (ledger: Pick<Ledger, 'call'>) => void = () => {};
  const opened = new Promise<Pick<Ledger, 'call'>>((resolve) => {
    open = resolve;
  });
  return {
    pipeline,
    call: async (call, options) => (await opened).call(call, options),
    open: (ledger) => open(ledger),
  };
}
