import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../adapters/keys/hex.ts';
import type { KemKey, SealStream } from '../../adapters/keys/kem-key.ts';
import { newKemKey, sealStream } from '../../adapters/keys/kem-key.ts';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import { newSigningKey } from '../../adapters/keys/signing-key.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { Member } from '../trust/testing/attested-group.ts';
import { AttestedGroup } from '../trust/testing/attested-group.ts';
import { Collector } from './collector.ts';

const PIPELINE = '31337:0x01:0x02';

let group: AttestedGroup;
let [a1, a2]: Member[] = [];
let kemKey: KemKey;
let collector: Collector;
let taken: [AgentId, readonly string[]][];
let refused: string[];

beforeEach(async () => {
  group = new AttestedGroup();
  [a1, a2] = [await group.attest('a1'), await group.attest('a2')];
  kemKey = await newKemKey();
  [taken, refused] = [[], []];
  collector = new Collector({
    kemKey,
    trust: group.view(),
    pipeline: PIPELINE,
    onBatch: (agent, { journal }) => taken.push([agent, journal.map((each) => each.id)]),
    onRefused: (agent, reason) => refused.push(`${agent}: ${reason}`),
  });
  collector.onBlock();
});

const entry = (agent: string, n: number) => ({
  id: `${agent}:${n}`,
  agent,
  tMs: 0,
  because: [],
  reason: 'r',
  kind: 'fault',
  fault: 'f',
  subject: 's',
});

/** The sender of one agent, which a test can have lie. */
class Sender {
  readonly #member: Member;
  #stream: SealStream | undefined;
  #seq = 0;

  constructor(member: Member) {
    this.#member = member;
  }

  async batch(
    journal: readonly unknown[],
    lie: { name?: AgentId; incarnation?: number; pipeline?: string; key?: SigningKey; to?: Hex } = {},
  ): Promise<Hex> {
    const { name = this.#member.name, incarnation = 1, pipeline = PIPELINE, to = kemKey.publicKey } = lie;
    const begins = this.#stream === undefined;
    const info = encodeCbor(['muster telemetry', pipeline, name, incarnation]);
    this.#stream ??= await sealStream(to, info);
    const seq = this.#seq++;
    const said = { journal, inputs: [], sent: 1, received: 1, refusedFrames: 0, roles: [] };
    const plain = new TextEncoder().encode(JSON.stringify(said));
    const sealed = await this.#stream.seal(plain, encodeCbor(seq));
    return signed(
      this.#member,
      [name, incarnation, begins ? this.#stream.encapsulated : null, seq, sealed],
      lie,
    );
  }
}

function signed(
  member: Member,
  [name, incarnation, encapsulated, seq, sealed]: readonly [
    AgentId,
    number,
    Uint8Array | null,
    number,
    Uint8Array,
  ],
  { pipeline = PIPELINE, key = member.signingKey }: { pipeline?: string; key?: SigningKey } = {},
): Hex {
  const body = encodeCbor(['muster telemetry', pipeline, name, incarnation, encapsulated, seq, sealed]);
  return toHex(encodeCbor([1, name, incarnation, encapsulated, seq, sealed, key.sign(body)]));
}

function members(): { readonly first: Member; readonly second: Member } {
  if (a1 === undefined || a2 === undefined) throw new Error('the group has two members');
  return { first: a1, second: a2 };
}

async function settle(): Promise<void> {
  await collector.settled();
}

describe('the collector', () => {
  it('takes what attested agents have reasoned, in order', async () => {
    const { first, second } = members();
    const [one, two] = [new Sender(first), new Sender(second)];
    collector.take(first.name, await one.batch([entry('a1', 1), entry('a1', 2)]));
    collector.take(second.name, await two.batch([entry('a2', 1)]));
    collector.take(first.name, await one.batch([entry('a1', 3)]));
    await settle();
    expect(taken).toEqual([
      ['a1', ['a1:1', 'a1:2']],
      ['a2', ['a2:1']],
      ['a1', ['a1:3']],
    ]);
    expect(refused).toEqual([]);
  });

  it('takes no entry of another agent, and none that is none', async () => {
    const { first } = members();
    const foreign = [entry('a2', 7), { ...entry('a1', 8), id: 'a2:8' }, { ...entry('a2', 9), id: 'a1:9' }];
    collector.take(first.name, await new Sender(first).batch([entry('a1', 1), ...foreign, 'none', null]));
    await settle();
    expect(taken).toEqual([['a1', ['a1:1']]]);
    expect(refused).toEqual(['a1: entries that are none, or not its own']);
  });

  it('refuses a batch that is forged, of another incarnation or pipeline, or given under another name', async () => {
    const { first, second } = members();
    const forgeries = [
      [first.name, await new Sender(first).batch([entry('a1', 1)], { key: newSigningKey() })],
      [first.name, await new Sender(first).batch([entry('a1', 1)], { key: second.signingKey })],
      [first.name, await new Sender(first).batch([entry('a1', 1)], { pipeline: 'another' })],
      [second.name, await new Sender(first).batch([entry('a1', 1)])],
      [first.name, await new Sender(second).batch([entry('a1', 1)], { name: first.name })],
      [first.name, '0x'],
      [first.name, '0x00ff'],
      [first.name, toHex(encodeCbor([1, 2, 3]))],
    ] as const;
    for (const [agent, sealed] of forgeries) collector.take(agent, sealed);
    await settle();
    expect(taken).toEqual([]);
    expect(refused).toHaveLength(forgeries.length);
    collector.take(first.name, await new Sender(first).batch([entry('a1', 1)]));
    await settle();
    expect(taken).toEqual([['a1', ['a1:1']]]);
  });

  it('keeps a batch of an incarnation that the ledger has not told of, and looks at it again with the next block', async () => {
    const { first, second } = members();
    collector.take(first.name, await new Sender(first).batch([entry('a1', 1)], { incarnation: 2 }));
    await settle();
    expect([taken, refused]).toEqual([[], []]);
    collector.onBlock();
    await settle();
    expect([taken, refused]).toEqual([[], []]);
    await group.attest(second.name, 2);
    collector.take(second.name, await new Sender(second).batch([entry('a2', 1)], { incarnation: 2 }));
    await settle();
    collector.onBlock();
    await settle();
    // What its earlier life said, late.
    collector.take(second.name, await new Sender(second).batch([entry('a2', 2)]));
    await settle();
    expect(taken).toEqual([
      ['a2', ['a2:1']],
      ['a2', ['a2:2']],
    ]);
  });

  it('keeps no batch for good that claims an incarnation which never comes, and few of them', async () => {
    const { first, second } = members();
    const claimed = await new Sender(first).batch([entry('a1', 1)], { incarnation: 99 });
    for (let i = 0; i < 1000; i++) collector.take(first.name, claimed);
    await settle();
    expect(refused).toHaveLength(1000 - 64);
    // Another agent's still find room.
    collector.take(second.name, await new Sender(second).batch([entry('a2', 1)], { incarnation: 2 }));
    await settle();
    await group.attest(second.name, 2);
    for (let block = 0; block < 20; block++) {
      collector.onBlock();
      await settle();
    }
    expect(taken).toEqual([['a2', ['a2:1']]]);
    expect(refused).toEqual(Array.from({ length: 1000 }, () => 'a1: incarnation 99 is not known'));
  });

  it('keeps little of one agent that claims such an incarnation at length', async () => {
    const { first } = members();
    const long = { ...entry('a1', 1), reason: 'r'.repeat(500_000) };
    const claimed = await new Sender(first).batch([long], { incarnation: 99 });
    for (let i = 0; i < 10; i++) collector.take(first.name, claimed);
    await settle();
    expect(refused).toHaveLength(6);
  });

  it('forgets incarnations that ended long ago, and takes what those before the last ones said late', async () => {
    const { first } = members();
    for (let incarnation = 2; incarnation <= 20; incarnation++) {
      await group.attest(first.name, incarnation);
      collector.onBlock();
    }
    for (const incarnation of [1, 15, 16, 20]) {
      const sealed = await new Sender(first).batch([entry('a1', incarnation)], { incarnation });
      collector.take(first.name, sealed);
    }
    await settle();
    for (let block = 0; block < 20; block++) {
      collector.onBlock();
      await settle();
    }
    expect(taken.map(([, ids]) => ids)).toEqual([['a1:16'], ['a1:20']]);
    expect(refused).toEqual(['a1: incarnation 1 is not known', 'a1: incarnation 15 is not known']);
  });

  it('a successor that comes to nothing again and again does not have the one that acts forgotten', async () => {
    const { first } = members();
    const sender = new Sender(first);
    collector.take(first.name, await sender.batch([entry('a1', 1)]));
    for (let incarnation = 2; incarnation <= 20; incarnation++) {
      const beside = { ...first, key: seatBeside(first.key) };
      group.tell(...group.attestation(beside, incarnation));
      collector.onBlock();
    }
    await settle();
    collector.take(first.name, await sender.batch([entry('a1', 2)]));
    await settle();
    expect(taken.map(([, ids]) => ids)).toEqual([['a1:1'], ['a1:2']]);
    expect(refused).toEqual([]);
  });

  it('refuses a batch out of order, or once more', async () => {
    const { first } = members();
    const sender = new Sender(first);
    const [zero, one, two] = [
      await sender.batch([entry('a1', 1)]),
      await sender.batch([entry('a1', 2)]),
      await sender.batch([entry('a1', 3)]),
    ];
    for (const sealed of [zero, two, one, one, two]) collector.take(first.name, sealed);
    await settle();
    expect(taken.map(([, ids]) => ids)).toEqual([['a1:1'], ['a1:2'], ['a1:3']]);
    expect(refused).toEqual(['a1: batch 2 is out of order', 'a1: batch 1 is out of order']);
  });

  it('a stream that was begun before does not begin again: whoever carries it cannot repeat the past', async () => {
    const { first } = members();
    const sender = new Sender(first);
    const zero = await sender.batch([entry('a1', 1)]);
    collector.take(first.name, zero);
    collector.take(first.name, zero);
    collector.take(first.name, await sender.batch([entry('a1', 2)]));
    await settle();
    expect(taken.map(([, ids]) => ids)).toEqual([['a1:1'], ['a1:2']]);
    expect(refused).toEqual(['a1: a stream that has been begun before']);
  });

  it('an agent that has lost its connection begins anew', async () => {
    const { first } = members();
    collector.take(first.name, await new Sender(first).batch([entry('a1', 1)]));
    collector.take(first.name, await new Sender(first).batch([entry('a1', 2)]));
    await settle();
    expect(taken.map(([, ids]) => ids)).toEqual([['a1:1'], ['a1:2']]);
  });

  it('a stream with a broken key ends nothing but itself', async () => {
    const { first, second } = members();
    for (const encapsulated of [
      new Uint8Array(0),
      new Uint8Array(31),
      new Uint8Array(32),
      new Uint8Array(99),
    ])
      collector.take(first.name, signed(first, [first.name, 1, encapsulated, 0, new Uint8Array(40)]));
    collector.take(second.name, await new Sender(second).batch([entry('a2', 1)]));
    await settle();
    expect(taken).toEqual([['a2', ['a2:1']]]);
    expect(refused).toEqual(Array.from({ length: 4 }, () => 'a1: a stream that does not open'));
  });

  it('a batch that is sealed to somebody else does not open', async () => {
    const { first } = members();
    const other = await newKemKey();
    collector.take(first.name, await new Sender(first).batch([entry('a1', 1)], { to: other.publicKey }));
    await settle();
    expect(taken).toEqual([]);
    expect(refused).toEqual(['a1: a batch that does not open']);
  });

  it('an agent with an empty key cannot be spoken for', async () => {
    const { first } = members();
    const empty = {
      ...first,
      signingKey: { ...first.signingKey, publicKey: `0x${'0'.repeat(64)}` as const },
    };
    group.tell(...group.attestation(empty));
    const forged = new Uint8Array(Buffer.from(`58${'66'.repeat(31)}01${'00'.repeat(31)}`, 'hex'));
    const key: SigningKey = { publicKey: first.signingKey.publicKey, sign: () => forged };
    for (let i = 0; i < 40; i++)
      collector.take(first.name, await new Sender(first).batch([entry('a1', i)], { key }));
    await settle();
    expect(taken).toEqual([]);
    expect(refused).toHaveLength(40);
  });
});
