import { createLedger } from '../../adapters/ledger-rpc/create-ledger.ts';
import type { LedgerBlock, PipelineAddress } from '../../protocol/ledger.ts';

/** An account that never sends: reading needs none, but the client wants one. */
const READER = `0x${'1'.repeat(64)}` as const;

/** Tells the final blocks of a pipeline to who only reads. */
export function followLedger(
  url: string,
  pipeline: PipelineAddress,
  onBlock: (block: LedgerBlock) => void,
): { stop(): void } {
  let stopped = false;
  let stop = (): void => {};
  const begin = async (): Promise<void> => {
    const ledger = await createLedger({ url, privateKey: READER, pipeline });
    const following = ledger.follow({ fromBlock: pipeline.fromBlock, onBlock });
    stop = () => {
      following.stop();
      ledger.close();
    };
    if (stopped) stop();
  };
  const again = (): void => {
    // The node may be on its way back; another chain at that URL stays refused.
    if (!stopped) begin().catch(() => setTimeout(again, 500));
  };
  again();
  return {
    stop: () => {
      stopped = true;
      stop();
    },
  };
}
