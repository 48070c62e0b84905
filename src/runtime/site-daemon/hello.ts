import { encodeCbor } from '../../protocol/cbor.ts';

/** What an agent signs to be taken for itself by the daemon of its site. */
export function helloBytes(
  pipeline: string,
  agent: string,
  incarnation: number,
  nonce: Uint8Array,
): Uint8Array {
  return encodeCbor(['muster hello', pipeline, agent, incarnation, nonce]);
}
