import { beforeEach, describe, expect, it } from 'vitest';
import type { AclMessage } from '../../protocol/acl.ts';
import { MAX_MESSAGE_CHARS } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { agentId } from '../../protocol/ids.ts';
import { FrameCipher } from '../keys/frame-cipher.ts';
import { newSigningKey } from '../keys/signing-key.ts';
import type { SiteBus } from './site-bus.ts';
import { createSiteBus } from './site-bus.ts';

const [a, b, c] = [agentId('a'), agentId('b'), agentId('c')];
const message = (change: Partial<AclMessage> = {}): AclMessage => ({
  performative: 'inform',
  sender: a,
  receiver: b,
  conversationId: 'c1',
  messageId: 'a:1',
  protocol: 'muster-tell',
  ontology: 'muster',
  content: 'the link is full',
  ...change,
});

let ciphers: Map<AgentId, FrameCipher>;
let carried: [AgentId, Uint8Array][];
let refused: string[];
let taken: AclMessage[];

beforeEach(() => {
  [carried, refused, taken] = [[], [], []];
  const keys = new Map([a, b, c].map((name) => [name, newSigningKey()] as const));
  const peers = new Map(
    [...keys].map(([name, { publicKey }]) => [
      name,
      { incarnation: 1, frameKey: publicKey, validUntilMs: 1000 },
    ]),
  );
  ciphers = new Map(
    [...keys].map(([self, signingKey]) => {
      const cipher = new FrameCipher({ self, incarnation: 1, signingKey, nowMs: () => 0 });
      cipher.setPeers(peers);
      return [self, cipher];
    }),
  );
});

function keyAll(): void {
  for (const cipher of ciphers.values()) cipher.rotate(1, new Uint8Array(32).fill(1), false);
}

function cipherOf(agent: AgentId): FrameCipher {
  const cipher = ciphers.get(agent);
  if (cipher === undefined) throw new Error(`${agent} has none`);
  return cipher;
}

function busOf(self: AgentId): SiteBus {
  const bus = createSiteBus({
    self,
    cipher: cipherOf(self),
    carry: (to, frame) => carried.push([to, frame]),
    onRefused: (refusal, from) => refused.push(`${refusal} ${from}`),
  });
  bus.attach(self, (each) => {
    taken.push(each);
  });
  return bus;
}

/** What `from` seals for b, however it is wrong. */
function sealed(from: AgentId, said: unknown): Uint8Array {
  const text = typeof said === 'string' ? said : JSON.stringify(said);
  return cipherOf(from).seal(b, new TextEncoder().encode(text)) ?? new Uint8Array(0);
}

describe('the end of the bus at an agent', () => {
  it('seals for the receiver, and takes what an attested peer has sealed', () => {
    keyAll();
    busOf(a).send(message());
    const [[to, frame] = [c, new Uint8Array(0)]] = carried;
    expect(to).toBe(b);
    expect(Buffer.from(frame).includes('the link is full')).toBe(false);
    busOf(b).receive(frame);
    expect(taken).toEqual([message()]);
    expect(refused).toEqual([]);
  });

  it('without the group key nothing goes out', () => {
    busOf(a).send(message());
    expect(carried).toEqual([]);
    expect(refused).toEqual(['not-keyed undefined']);
  });

  it('a member cannot put another sender or receiver into the message it seals', () => {
    keyAll();
    const bus = busOf(b);
    bus.receive(sealed(c, message()));
    bus.receive(sealed(a, message({ receiver: c })));
    expect(taken).toEqual([]);
    expect(refused).toEqual(['not-the-sender c', 'not-the-sender a']);
  });

  it('what is no ACL message is refused, though a member has sealed it', () => {
    keyAll();
    const bus = busOf(b);
    const deep = `${'['.repeat(20)}${']'.repeat(20)}`;
    const wrong = [
      '',
      '{',
      '7',
      'null',
      deep,
      { ...message(), extra: 1 },
      { ...message(), performative: 'order' },
    ];
    for (const said of wrong) bus.receive(sealed(a, said));
    bus.receive(cipherOf(a).seal(b, Uint8Array.of(0xff, 0xfe)) ?? new Uint8Array(0));
    expect(taken).toEqual([]);
    expect(refused).toEqual([...wrong, 'no UTF-8'].map(() => 'not-acl a'));
  });

  it('a message that its receiver would not take is not sent, and its sender knows', () => {
    keyAll();
    busOf(a).send(message({ content: 'x'.repeat(MAX_MESSAGE_CHARS) }));
    expect(carried).toEqual([]);
    expect(refused).toEqual(['too-long undefined']);
  });

  it('tells why a frame was refused', () => {
    keyAll();
    const bus = busOf(b);
    const frame = sealed(a, message());
    for (const each of [frame, frame, frame.subarray(1)]) bus.receive(each);
    expect(taken).toHaveLength(1);
    expect(refused).toEqual(['replayed undefined', 'malformed undefined']);
  });
});
