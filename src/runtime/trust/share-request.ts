import { isSignedByAccount, signAsAccount } from '../../adapters/keys/account-signature.ts';
import { fromHex, toHex } from '../../adapters/keys/hex.ts';
import type { KemKey, SealContext } from '../../adapters/keys/kem-key.ts';
import { sealTo } from '../../adapters/keys/kem-key.ts';
import type { LedgerState, RoundState } from '../../core/attestation/ledger-model.ts';
import type { Share } from '../../core/attestation/shares.ts';
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { ShareRequest, ToldShare } from '../../protocol/share.ts';
import { MAX_SHARE_BYTES, ToldShareSchema } from '../../protocol/share.ts';

/** A share with what else its holder says of it. */
export interface Told {
  readonly share: Share;
  readonly threshold: number;
}

/** A guard's request for the shares of a round, for the pipeline of that name. */
export async function shareRequest(
  pipeline: string,
  round: number,
  guard: { readonly account: Hex; readonly privateKey: Hex; readonly kemKey: Hex },
): Promise<ShareRequest> {
  const { account, privateKey, kemKey } = guard;
  const signature = await signAsAccount(privateKey, textOf(pipeline, round, kemKey));
  return { round, guard: account, kemKey, signature };
}

/**
 * The round if that request may be answered by who knows the ledger so: its commit is final, and the guard is that of an agent that was
 * elected to judge it. Its signature is another matter.
 */
export function roundToJudge(
  state: LedgerState,
  { round, guard }: Pick<ShareRequest, 'round' | 'guard'>,
): RoundState | undefined {
  const found = state.rounds.get(round);
  if (found?.phase !== 'committed' || state.guards.get(guard)?.enrolled !== true) return undefined;
  const isVerifier = found.verifiers.some((key) => state.agents.get(key)?.guard === guard);
  return isVerifier ? found : undefined;
}

/** Whether a request may still come to be one that is answered: the ledger may be a block further than who was asked. */
export function mayBeAnswered(state: LedgerState, round: number): boolean {
  const phase = state.rounds.get(round)?.phase;
  return phase === undefined || phase === 'challenged' || phase === 'committed';
}

export function isSignedRequest(pipeline: string, request: ShareRequest): Promise<boolean> {
  const { round, guard, kemKey, signature } = request;
  return isSignedByAccount(guard, textOf(pipeline, round, kemKey), signature);
}

/** A share, sealed to the guard that asks; undefined: it names no key. */
export async function sealShare(
  pipeline: string,
  { round, guard, kemKey }: ShareRequest,
  { share, threshold }: Told,
): Promise<Hex | undefined> {
  const told: ToldShare = [share.x, threshold, share.bytes];
  try {
    return toHex(await sealTo(kemKey, encodeCbor(told), contextOf(pipeline, round, guard)));
  } catch {
    return undefined;
  }
}

/** Undefined: not sealed to this guard for this round, or no share. */
export async function openShare(
  pipeline: string,
  { round, guard, sealed }: { readonly round: number; readonly guard: Hex; readonly sealed: Hex },
  kemKey: KemKey,
): Promise<Told | undefined> {
  const bytes = fromHex(sealed, (sealed.length - 2) / 2);
  const plain = bytes && (await kemKey.open(bytes, contextOf(pipeline, round, guard)));
  const parsed = ToldShareSchema.safeParse(plain && decodeCbor(plain, MAX_SHARE_BYTES));
  if (!parsed.success) return undefined;
  const [x, threshold, share] = parsed.data;
  return { share: { x, bytes: share }, threshold };
}

function textOf(pipeline: string, round: number, kemKey: Hex): string {
  return `muster share request v1\n${pipeline}\n${round}\n${kemKey}`;
}

function contextOf(pipeline: string, round: number, guard: Hex): SealContext {
  return { info: encodeCbor(['muster-share-v1', pipeline]), aad: encodeCbor([round, guard]) };
}
