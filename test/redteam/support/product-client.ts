import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { onEnd } from './clean-up.ts';
import { PRODUCT } from './product-copy.ts';
import type { SmallPipeline } from './small-pipeline.ts';
import { eventually } from './wait.ts';

const SaidSchema = z.union([
  z.object({ committed: z.number() }),
  z.object({ head: z.number() }),
  z.object({ fault: z.string() }),
]);

/** The product's own client of a ledger, in a process of its own: the attacker shares no code with it. */
export interface ProductClient {
  /** Whether it has told of the commit of a round as final. */
  knows(round: bigint): boolean;
  /** What it has found wrong with the chain. */
  fault(): string | undefined;
  stop(): void;
}

const PROGRAM = `
const { url, pipeline, confirmations } = JSON.parse(process.argv[1]);
const { createLedger } = await import(${JSON.stringify(`${PRODUCT}/src/adapters/ledger-rpc/create-ledger.ts`)});
const say = (what) => process.stdout.write(JSON.stringify(what) + '\\n');
const ledger = await createLedger({ url, privateKey: '0x' + '1'.repeat(64), pipeline, confirmations, pollMs: 50 });
ledger.follow({
  fromBlock: 0,
  onBlock: ({ entries }) => {
    for (const { event } of entries) if (event.kind === 'Committed') say({ committed: event.round });
  },
  onHead: ({ number }) => say({ head: number }),
  onFault: ({ message }) => say({ fault: message }),
});
`;

/** Resolves once it follows the chain; `confirmations`: how many blocks it wants on top of one. */
export async function productClient(
  { chain, contract, vault }: SmallPipeline,
  confirmations: number,
): Promise<ProductClient> {
  const genesis = await chain.client.getBlock({ blockNumber: 0n });
  const pipeline = {
    chainId: chain.chainId,
    genesisHash: genesis.hash,
    attestation: contract.toLowerCase(),
    keys: vault.toLowerCase(),
    fromBlock: 0,
  };
  const options = JSON.stringify({ url: chain.url, pipeline, confirmations });
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', PROGRAM, '--', options],
    { cwd: PRODUCT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onEnd(() => void child.kill('SIGKILL'));
  const committed = new Set<number>();
  let follows = false;
  let fault: string | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = SaidSchema.parse(JSON.parse(line));
    follows = true;
    if ('committed' in said) committed.add(said.committed);
    if ('fault' in said) fault = said.fault;
  });
  if ((await eventually(() => (follows ? true : undefined), 20_000)) === undefined)
    throw new Error("the product's client does not follow the chain");
  return {
    knows: (round) => committed.has(Number(round)),
    fault: () => fault,
    stop: () => void child.kill('SIGKILL'),
  };
}
