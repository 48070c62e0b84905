import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { hashing } from '../../adapters/keys/hashing.ts';
import { sealTo } from '../../adapters/keys/kem-key.ts';
import { sampledSegments } from '../../core/attestation/decision-chain.ts';
import { MOST_PART_CHARS } from '../../protocol/agent-control.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { Disclosure } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { DecisionLog } from './decision-log.ts';

/** What a sealed disclosure is bound to. */
export function disclosureContext(head: Hex, seed: Hex) {
  return { info: encodeCbor('muster decisions'), aad: encodeCbor([head, seed]) };
}

/**
 * What an agent says about a head that it has stated: all headers, and the text of each segment that `seed` draws; packed, sealed
 * to whoever verifies, in parts of base64. Undefined: it has stated no such head.
 */
export async function disclose(
  log: DecisionLog,
  { head, seed, kemKey }: { readonly head: Hex; readonly seed: Hex; readonly kemKey: Hex },
  draws: number,
): Promise<readonly string[] | undefined> {
  const chain = log.disclose(head);
  if (chain === undefined) return undefined;
  const { opening, previousOpening, headers } = chain;
  const texts = sampledSegments(seed, headers, draws, hashing).map((index): [number, string] => [
    index,
    log.textOf(head, index) ?? '',
  ]);
  const disclosure: Disclosure = {
    opening,
    ...(previousOpening === undefined ? {} : { previousOpening }),
    headers: [...headers],
    texts,
  };
  // Off this thread: the agent decides meanwhile.
  const packed = await promisify(gzip)(JSON.stringify(disclosure), { level: 1 });
  const sealed = await sealTo(kemKey, packed, disclosureContext(head, seed));
  return partsOf(Buffer.from(sealed).toString('base64'));
}

/** Each but the last a whole number of bytes, so that they can be decoded one by one. */
export function partsOf(base64: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < base64.length; at += MOST_PART_CHARS)
    parts.push(base64.slice(at, at + MOST_PART_CHARS));
  return parts;
}
