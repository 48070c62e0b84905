import { beforeEach, describe, expect, it } from 'vitest';
import { createSiteBus } from '../../adapters/bus-site/site-bus.ts';
import { FrameCipher } from '../../adapters/keys/frame-cipher.ts';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import { EMPTY_REGISTER, extend } from '../../core/attestation/output-register.ts';
import type { Effect } from '../../core/bdi/event.ts';
import { AclMessageSchema } from '../../protocol/acl.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { agentId } from '../../protocol/ids.ts';
import { messageText } from '../../protocol/message-text.ts';
import type { Decision } from '../decisions/outputs.ts';
import { commandOf, decisionOf, outputsOf, strangeOutput } from '../decisions/outputs.ts';
import { textHash } from '../decisions/state-hash.ts';
import { hex32 } from '../trust/testing/fake-ledger.ts';
import { mayLackKeys, OutputRecord, outputOf } from './output-record.ts';

const [KEY, HEAD, NEXT] = [hex32(1), hex32(2), hex32(3)];
const [a1, a2] = [agentId('a1'), agentId('a2')];
const registerOf = (...outputs: readonly ReturnType<typeof hex32>[]) =>
  outputs.reduce((register, output) => extend(register, output, textHash), EMPTY_REGISTER);

describe('the record of a site', () => {
  let record: OutputRecord;
  beforeEach(() => {
    record = new OutputRecord();
    record.begin(KEY, 1);
  });

  it('keeps what had come when a head was stated, whatever comes after', () => {
    record.add(KEY, 1, hex32(7));
    expect(record.at(KEY, 1, HEAD)).toBeUndefined();
    record.mark(KEY, 1, HEAD);
    record.add(KEY, 1, hex32(8));
    record.mark(KEY, 1, HEAD);
    record.mark(KEY, 1, NEXT);
    expect(record.at(KEY, 1, HEAD)).toEqual(registerOf(hex32(7)));
    expect(record.at(KEY, 1, NEXT)).toEqual(registerOf(hex32(7), hex32(8)));
  });

  it('tells orders apart', () => {
    record.begin(KEY, 2);
    for (const [incarnation, outputs] of [
      [1, [7, 8]],
      [2, [8, 7]],
    ] as const) {
      for (const output of outputs) record.add(KEY, incarnation, hex32(output));
      record.mark(KEY, incarnation, HEAD);
    }
    expect(record.at(KEY, 1, HEAD)).not.toEqual(record.at(KEY, 2, HEAD));
  });

  it('has nothing of whom nobody has taken in, and goes on where one is taken in again', () => {
    expect(record.at(KEY, 2, HEAD)).toEqual(EMPTY_REGISTER);
    expect(record.at(hex32(9), 1, HEAD)).toEqual(EMPTY_REGISTER);
    record.add(KEY, 1, hex32(7));
    record.begin(KEY, 1);
    record.mark(KEY, 1, HEAD);
    expect(record.at(KEY, 1, HEAD)).toEqual(registerOf(hex32(7)));
  });

  it('does not grow with what an agent says, and forgets the oldest', () => {
    record.mark(KEY, 1, HEAD);
    for (let n = 10; n < 26; n++) record.mark(KEY, 1, hex32(n));
    expect(record.at(KEY, 1, HEAD)).toBeUndefined();
    expect(record.at(KEY, 1, hex32(25))).toEqual(EMPTY_REGISTER);
    for (let incarnation = 2; incarnation < 5; incarnation++) record.begin(KEY, incarnation);
    expect(record.at(KEY, 1, hex32(25))).toBeUndefined();
    expect(record.at(KEY, 4, HEAD)).toBeUndefined();
  });
});

describe('what an agent says', () => {
  const signingKey = newSigningKey();
  const decision: Decision = decisionOf(new Uint8Array(32), 5);
  const message = AclMessageSchema.parse({
    performative: 'inform',
    sender: a1,
    receiver: a2,
    conversationId: 'c',
    messageId: 'a1:1',
    protocol: 'muster-tell',
    ontology: 'muster',
    content: { b: 1, a: [2, { z: null, y: 0.5 }] },
  });
  const send: Effect = { kind: 'send', message };
  const action = { kind: 'set-limit', rule: 'r', rate: 1.5 };
  const act: Effect = { kind: 'act', token: 3, entry: 9, reason: 'full', action };

  function frame(from = a1, incarnation = 1): Uint8Array {
    const cipher = new FrameCipher({ self: from, incarnation, signingKey, nowMs: () => 0 });
    cipher.setPeers(new Map([[from, { incarnation, frameKey: signingKey.publicKey, validUntilMs: 9 }]]));
    cipher.rotate(1, new Uint8Array(32), false);
    return cipher.seal(a2, new TextEncoder().encode(messageText(message)), decision) ?? new Uint8Array();
  }

  const body = (said: unknown) =>
    ({ kind: 'command', body: encodeCbor(said), signature: new Uint8Array(64) }) as const;
  const rest = { pipeline: 'p', agent: 'a1', incarnation: 1, epoch: 1, seq: 7 };

  it('is what its decisions give, where it says what it has decided: commands in clear, messages sealed', () => {
    const [ofSend] = outputsOf([send], decision);
    const [ofAct] = outputsOf([act], decision);
    expect(outputOf(a1, 1, { kind: 'frame', to: a2, frame: frame() })).toBe(ofSend);
    const command = { ...rest, decision: 5, what: commandOf(act) };
    expect(outputOf(a1, 1, body(command))).toBe(ofAct);
    // Whether the fence takes it is another matter.
    expect(outputOf(a1, 1, body({ ...command, epoch: 9, agent: 'a7' }))).toBe(ofAct);
  });

  it('is another thing with another decision, action, receiver or message', () => {
    const [ofSend] = outputsOf([send], decision);
    const [ofAct] = outputsOf([act], decision);
    for (const changed of [
      { ...rest, decision: 6, what: commandOf(act) },
      { ...rest, decision: 5, what: { ...commandOf(act), action: { ...action, rate: 1.25 } } },
    ])
      expect(outputOf(a1, 1, body(changed))).not.toBe(ofAct);
    const bent = { ...message, content: 'something else' };
    for (const [effect, by] of [
      [{ ...send, message: bent }, decision],
      [{ ...send, message: { ...message, receiver: a1 } }, decision],
      [send, { ...decision, number: 6 }],
      [send, decisionOf(new Uint8Array(32).fill(1), 5)],
    ] as const)
      expect(outputsOf([effect], by)).not.toEqual([ofSend]);
  });

  it('does not depend on the order in which a message has its keys', () => {
    const { content, ...others } = message;
    const turned = { content: { a: [2, { y: 0.5, z: null }], b: 1 }, ...others };
    expect(content).toEqual(turned.content);
    expect(outputsOf([{ kind: 'send', message: turned }], decision)).toEqual(outputsOf([send], decision));
  });

  it('in the name of another, to another than the daemon is told, or of no kind at all counts as strange', () => {
    const [ofSend] = outputsOf([send], decision);
    for (const [said, to] of [
      [frame(agentId('a7')), a2],
      [frame(a1, 2), a2],
      [frame(), agentId('a7')],
      [Uint8Array.of(1, 2, 3), a2],
    ] as const) {
      const output = outputOf(a1, 1, { kind: 'frame', to, frame: said });
      expect(output).toBe(strangeOutput(said));
      expect(output).not.toBe(ofSend);
    }
    const noise = body('noise');
    expect(outputOf(a1, 1, noise)).toBe(strangeOutput(noise.body));
  });

  it('that it has no key for counts like what it would have sent', () => {
    const [ofSend] = outputsOf([send], decision);
    let unsent: ReturnType<typeof outputOf> | undefined;
    const cipher = new FrameCipher({ self: a1, incarnation: 1, signingKey, nowMs: () => 0 });
    const bus = createSiteBus({
      self: a1,
      cipher,
      carry: () => expect.fail('it has no key'),
      origin: () => decision,
      onUnsent: (to, number, said) => {
        unsent = outputOf(a1, 1, { kind: 'unsent', to, decision: number, said });
      },
    });
    bus.send(message);
    expect(unsent).toBe(ofSend);
    expect([0, 10_000, 45_000].map(mayLackKeys)).toEqual([true, true, false]);
  });
});
