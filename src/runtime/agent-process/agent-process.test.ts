import { once } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import type { FromAgent, PeerRecord } from '../../protocol/agent-control.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { agentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { hex32 } from '../trust/testing/fake-ledger.ts';
import { AgentProcess } from './agent-process.ts';

let daemon: Socket;

beforeEach(() => {
  daemon = new Socket();
});

afterEach(() => {
  daemon.destroy();
});

/** Asks an agent to be the steward, and gives what it has sealed. */
async function envelopes(peers: readonly PeerRecord[]): Promise<readonly Hex[]> {
  const said = new EventTarget();
  const messages: FromAgent[] = [];
  const send = (message: FromAgent): void => {
    messages.push(message);
    said.dispatchEvent(new Event('message'));
  };
  const agent = new AgentProcess({ signingKey: newSigningKey(), kemKey: await newKemKey(), daemon, send });
  const answered = once(said, 'message');
  agent.take({ kind: 'seal-epoch', request: 3, context: '0x0102', peers: [...peers] });
  await answered;
  const [sealed] = messages;
  if (sealed?.kind !== 'epoch-sealed') throw new Error('it has sealed');
  return sealed.envelopes;
}

const peer = (name: string, n: number, kemKey: Hex): PeerRecord => ({
  name: agentId(name),
  key: hex32(n),
  incarnation: 1,
  frameKey: hex32(9),
  kemKey,
  validForMs: 1000,
});

describe('a steward', () => {
  it('seals one key to all, each envelope to its own recipient alone', async () => {
    const [one, two] = [await newKemKey(), await newKemKey()];
    const sealed = await envelopes([peer('a1', 1, one.publicKey), peer('a2', 2, two.publicKey)]);
    const open = (key: typeof one, at: number, n: number) =>
      key.open(new Uint8Array(Buffer.from((sealed[at] ?? '0x').slice(2), 'hex')), {
        info: encodeCbor('muster epoch'),
        aad: encodeCbor([Uint8Array.of(1, 2), hex32(n)]),
      });
    const key = await open(one, 0, 1);
    expect(key).toHaveLength(32);
    expect(await open(two, 1, 2)).toEqual(key);
    expect(await open(two, 0, 1)).toBeUndefined();
    expect(await open(one, 0, 2)).toBeUndefined();
  });

  it('a member with a key that nothing can be sealed to goes without; the others and the steward do not suffer', async () => {
    const good = await newKemKey();
    const bad = [hex32(0), `0x01${'00'.repeat(31)}`] as const;
    const sealed = await envelopes([
      peer('a1', 1, bad[0]),
      peer('a2', 2, good.publicKey),
      peer('a3', 3, bad[1]),
    ]);
    expect(sealed.map((each) => each.length)).toEqual([162, 162, 162]);
    const context = { info: encodeCbor('muster epoch'), aad: encodeCbor([Uint8Array.of(1, 2), hex32(2)]) };
    const envelope = new Uint8Array(Buffer.from((sealed[1] ?? '0x').slice(2), 'hex'));
    expect(await good.open(envelope, context)).toHaveLength(32);
  });
});
