import { randomBytes } from 'node:crypto';
import { fromHex, toHex } from '../../adapters/keys/hex.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { sealTo } from '../../adapters/keys/kem-key.ts';
import type { PeerRecord } from '../../protocol/agent-control.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { Hex } from '../../protocol/ledger.ts';

const EPOCH_KEY_BYTES = 32;
/** Encapsulated key, epoch key, tag. */
const ENVELOPE_BYTES = 32 + EPOCH_KEY_BYTES + 16;

/** The steward's part: a key that nobody else has drawn, sealed to each member; `context` names chain, contract, epoch and roster. */
export async function sealNewEpoch(context: Hex, peers: readonly PeerRecord[]): Promise<Hex[]> {
  const key = randomBytes(EPOCH_KEY_BYTES);
  const envelopes: Hex[] = [];
  for (const peer of peers) {
    // A member may have named a key that nothing can be sealed to: it goes without, the others must not.
    const sealed = await sealTo(peer.kemKey, key, epochContext(context, peer.key)).catch(() =>
      randomBytes(ENVELOPE_BYTES),
    );
    envelopes.push(toHex(sealed));
  }
  key.fill(0);
  return envelopes;
}

/** A member's part: the epoch's key from the envelope that is for it; undefined when it does not open. Whoever uses it wipes it. */
export async function openEpochEnvelope(
  sealed: Hex,
  context: Hex,
  { kemKey, key: recipient }: { readonly kemKey: KemKey; readonly key: Hex },
): Promise<Uint8Array | undefined> {
  const envelope = fromHex(sealed, (sealed.length - 2) / 2);
  if (envelope === undefined) return undefined;
  const key = await kemKey.open(envelope, epochContext(context, recipient));
  return key?.length === EPOCH_KEY_BYTES ? key : undefined;
}

/** The recipient makes the context one envelope's own. */
function epochContext(context: Hex, recipient: Hex) {
  const bytes = Buffer.from(context.slice(2), 'hex');
  return { info: encodeCbor('muster epoch'), aad: encodeCbor([new Uint8Array(bytes), recipient]) };
}
