import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Abi, Address, Hex, PrivateKeyAccount } from 'viem';
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  http,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { z } from 'zod';
import { onEnd } from './clean-up.ts';
import { ownDirectory, PRODUCT } from './product-copy.ts';
import { eventually } from './wait.ts';

const GAS = 15_000_000n;
const ReadySchema = z.object({ url: z.string(), chainId: z.number() });
// The artifacts are the compiler's; viem checks them as it uses them.
const ArtifactSchema = z.object({
  abi: z.custom<Abi>(Array.isArray),
  bytecode: z.custom<Hex>((value) => typeof value === 'string' && value.startsWith('0x')),
});
export type Artifact = z.infer<typeof ArtifactSchema>;

export type Sent = { readonly ok: true } | { readonly ok: false; readonly error: string };
export interface Account {
  readonly account: PrivateKeyAccount;
  nonce: number;
}

/** A chain at a URL, as any client of it has it. */
export interface Chain {
  readonly url: string;
  readonly chainId: number;
  readonly client: ReturnType<typeof createPublicClient>;
}

/** The product's embedded ledger as a process of its own, a block every `blockMs`: its clock runs a second a block at least. */
export async function startEmbeddedLedger(blockMs: number): Promise<Chain> {
  const directory = ownDirectory('ledger');
  const options = JSON.stringify({ directory: join(directory, 'journal'), blockMs });
  const arguments_ = ['--import', 'tsx', 'src/runtime/ledger-node/main.ts', options];
  const child = spawn(process.execPath, arguments_, { cwd: PRODUCT, stdio: ['pipe', 'pipe', 'ignore'] });
  onEnd(() => endOf(child));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, chainId } = ReadySchema.parse(JSON.parse(String(line)));
  return { url, chainId, client: createPublicClient({ transport: http(url) }) };
}

/** Asks a process to end, and kills it when it does not. */
export async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(kill);
}

export function artifact(root: string, name: string): Artifact {
  return ArtifactSchema.parse(JSON.parse(readFileSync(join(root, `build/contracts/${name}.json`), 'utf8')));
}

export function newAccount(): Account {
  return { account: privateKeyToAccount(generatePrivateKey()), nonce: 0 };
}

/** Deploys and answers the address. */
export async function deploy(
  chain: Chain,
  by: Account,
  { abi, bytecode }: Artifact,
  args: readonly unknown[],
): Promise<Address> {
  const address = getContractAddress({ from: by.account.address, nonce: BigInt(by.nonce) });
  await transact(chain, by, undefined, encodeDeployData({ abi, bytecode, args }));
  const code = await chain.client.getCode({ address });
  if (code === undefined) throw new Error('the contract was not deployed');
  return address;
}

/** Calls as that account; what would revert is not sent, and answers the name of the contract's error. */
export async function call(
  chain: Chain,
  by: Account,
  to: Address,
  abi: Abi,
  functionName: string,
  args: readonly unknown[],
): Promise<Sent> {
  try {
    await chain.client.simulateContract({
      address: to,
      abi,
      functionName,
      args,
      account: by.account,
      gas: GAS,
    });
  } catch (error) {
    return { ok: false, error: errorName(error) };
  }
  const done = await transact(chain, by, to, encodeFunctionData({ abi, functionName, args }));
  return done ? { ok: true } : { ok: false, error: 'reverted' };
}

async function transact(chain: Chain, by: Account, to: Address | undefined, data: Hex): Promise<boolean> {
  const serializedTransaction = await by.account.signTransaction({
    type: 'legacy',
    chainId: chain.chainId,
    nonce: by.nonce++,
    gas: GAS,
    gasPrice: 0n,
    data,
    ...(to === undefined ? {} : { to }),
  });
  const hash = await chain.client.sendRawTransaction({ serializedTransaction });
  const receipt = await eventually(
    async () => {
      try {
        return await chain.client.getTransactionReceipt({ hash });
      } catch {
        return undefined;
      }
    },
    10_000,
    25,
  );
  return receipt?.status === 'success';
}

function errorName(error: unknown): string {
  if (!(error instanceof BaseError)) return String(error);
  const reverted = error.walk((each) => each instanceof ContractFunctionRevertedError);
  if (reverted instanceof ContractFunctionRevertedError && reverted.data !== undefined)
    return reverted.data.errorName;
  return error.shortMessage;
}
