import { encodeDeployData, getContractAddress } from 'viem';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex, PipelineAddress } from '../../protocol/ledger.ts';
import { accountOf } from '../keys/ethereum-account.ts';
import { attestationLedgerAbi, keyVaultAbi } from '../ledger/abi.ts';
import { createAccountSender } from './account-sender.ts';
import { createChainPoller } from './chain-poller.ts';
import type { DeployPipelineOptions } from './create-ledger.ts';
import { lower } from './decode-event.ts';
import { createEndpoint } from './endpoint.ts';
import { ledgerError } from './read-blocks.ts';

/** See `deployPipeline`. */
export async function deployContracts(options: DeployPipelineOptions): Promise<PipelineAddress> {
  const { url, privateKey, bytecode, pollMs = 100, confirmations = 0, gas = 12_000_000 } = options;
  const { admin, orchestrator, registry, timing, verifiersPerRound } = options.options;
  const endpoint = createEndpoint(url);
  const chain = await chainAt(endpoint);
  const poller = createChainPoller(endpoint, { chain, pollMs, confirmations });
  const account = accountOf(privateKey);
  const sender = createAccountSender(endpoint, poller, {
    account,
    chainId: chain.chainId,
    gas: BigInt(gas),
    finalWithinMs: options.finalWithinMs ?? 60_000,
  });
  const deploy = async (name: string, data: Hex) => {
    const sent = await sender.send({ data });
    const address = sent.ok ? sent.receipt.contractAddress : undefined;
    if (sent.ok && address) return { address, block: sent.receipt.blockNumber };
    throw new MusterError(
      'LEDGER_FAILED',
      `${name} cannot be deployed: ${sent.ok ? 'no address' : sent.error}`,
      {
        hint: 'does the chain take transactions of this account for nothing?',
      },
    );
  };
  try {
    // Both at once, in one block: where the first will be follows from its sender.
    const expected = await nextContract(endpoint, account.address);
    const [attestation, keys] = await Promise.all([
      deploy(
        'AttestationLedger',
        encodeDeployData({
          abi: attestationLedgerAbi,
          bytecode: bytecode.attestation,
          args: [admin, orchestrator, registry, timing, verifiersPerRound],
        }),
      ),
      deploy('KeyVault', encodeDeployData({ abi: keyVaultAbi, bytecode: bytecode.keys, args: [expected] })),
    ]);
    if (lower(attestation.address) !== lower(expected)) {
      throw new MusterError('LEDGER_FAILED', 'somebody else uses the account that deploys', {
        hint: 'deploy again, with an account of its own',
      });
    }
    return { ...chain, attestation: attestation.address, keys: keys.address, fromBlock: attestation.block };
  } finally {
    poller.close();
  }
}

/** Where the next contract of an account will be. */
async function nextContract(endpoint: ReturnType<typeof createEndpoint>, from: Hex): Promise<Hex> {
  return getContractAddress({ from, nonce: BigInt(await endpoint.nonce(from)) });
}

async function chainAt(
  endpoint: ReturnType<typeof createEndpoint>,
): Promise<Pick<PipelineAddress, 'chainId' | 'genesisHash'>> {
  try {
    const [chainId, genesis] = await Promise.all([endpoint.chainId(), endpoint.header(0)]);
    if (genesis === undefined) throw new Error('it has no genesis block');
    return { chainId, genesisHash: genesis.hash };
  } catch (cause) {
    throw ledgerError(endpoint.url, cause);
  }
}
