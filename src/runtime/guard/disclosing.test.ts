import { describe, expect, it } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import { answerHashOf } from '../../core/attestation/challenge.ts';
import { sampleSeedOf } from '../../core/attestation/decision-chain.ts';
import type { ToAgent } from '../../protocol/agent-control.ts';
import type { DisclosurePart } from '../../protocol/decision-disclosure.ts';
import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import { agentId } from '../../protocol/ids.ts';
import type { LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { account, attestedEvents, evidenceOf, FakeChain, hex32 } from '../trust/testing/fake-ledger.ts';
import { TrustView } from '../trust/trust-view.ts';
import { Disclosing } from './disclosing.ts';
import { GuardedAgent } from './guarded-agent.ts';

const [KEY, ANSWER, HEAD] = [hex32(21), hex32(77), hex32(99)];
const member = {
  key: KEY,
  name: 'a1',
  guard: account(5),
  incarnation: 1,
  round: 1,
  openedAt: 100,
  validUntil: 160,
  kemKey: hex32(2),
  frameKey: hex32(3),
};

/** Its verifier's guard is that of another site. */
function atEast(event: LedgerEvent): LedgerEvent {
  return event.kind === 'GuardEnrolled' ? { ...event, siteName: 'east' } : event;
}

class Scene {
  readonly chain = new FakeChain();
  readonly trust = new TrustView({ monotonicMs: () => 0, wallSeconds: () => 100 });
  readonly parts: DisclosurePart[] = [];
  readonly agent = new GuardedAgent(
    {
      name: agentId('a1'),
      key: KEY,
      incarnation: 1,
      image: '/nowhere',
      imageDigest: ZERO,
      version: 1,
      config: '{}',
      salt: '00'.repeat(32),
    },
    { onLog: () => {}, onHeld: () => {}, onEpochRefused: () => {} },
  );
  readonly asked: Extract<ToAgent, { kind: 'disclose' }>[] = [];
  readonly disclosing = new Disclosing({
    trust: this.trust,
    agents: new Map([[KEY, this.agent]]),
    reply: (part) => this.parts.push(part),
  });

  constructor() {
    this.agent.send = (message) => {
      if (message.kind === 'disclose') this.asked.push(message);
    };
    const verifier = { key: hex32(22), name: 'v1', guard: account(6), round: 3 };
    this.tell(...attestedEvents({ ...member, ...verifier }).map(atEast), ...attestedEvents(member));
  }

  tell(...events: readonly LedgerEvent[]): void {
    this.trust.apply(this.chain.block(100 + this.chain.blocks.length, ...events));
    this.disclosing.onBlock();
  }

  open(): void {
    this.tell({
      kind: 'RoundOpened',
      round: 2,
      agent: KEY,
      incarnation: 1,
      index: 1,
      nonce: hex32(6),
      answerHash: answerHashOf(ANSWER, hashing),
      verifiers: [hex32(22)],
      openedAt: 120,
      commitBy: 130,
    });
  }

  commit(): void {
    const evidence = { ...evidenceOf(member), decisionHead: HEAD };
    this.tell({ kind: 'Committed', round: 2, agent: KEY, evidence, binding: hex32(8), verdictBy: 140 });
  }

  want(answer = ANSWER, from = REGISTRY): void {
    const [request, kemKey] = [hex32(1), hex32(4)];
    const wanted = { kind: 'disclosure-wanted', at: 'west', from, round: 2 } as const;
    this.disclosing.take({ ...wanted, request, answer, kemKey });
  }
}

describe('the decisions behind a commit', () => {
  it('are disclosed once it is final, drawn by what nobody knew before; who asks earlier waits', () => {
    const scene = new Scene();
    scene.open();
    scene.want();
    expect(scene.asked).toEqual([]);
    scene.commit();
    const seed = sampleSeedOf(ANSWER, scene.chain.blocks.at(-1)?.hash ?? ZERO, hashing);
    expect(scene.asked).toEqual([{ kind: 'disclose', request: 1, head: HEAD, seed, kemKey: hex32(4) }]);
    scene.agent.take({ kind: 'disclosed', request: 1, index: 0, of: 2, part: 'AA==' });
    scene.agent.take({ kind: 'disclosed', request: 1, index: 1, of: 2, part: 'BB==' });
    expect(scene.parts.map(({ to, index, of, part }) => [to, index, of, part])).toEqual([
      [REGISTRY, 0, 2, 'AA=='],
      [REGISTRY, 1, 2, 'BB=='],
    ]);
  });

  it('are not disclosed to who does not know the answer, nor after the verdict', () => {
    const scene = new Scene();
    scene.open();
    scene.commit();
    scene.want(hex32(78));
    expect(scene.asked).toEqual([]);
    scene.tell({ kind: 'RoundFailed', round: 2, agent: KEY, incarnation: 1, reason: 'x' });
    scene.want();
    expect(scene.asked).toEqual([]);
  });

  it('are disclosed to the registry, whatever a verifier asks for that refuses the agent', () => {
    for (const asksFirst of ['east', REGISTRY]) {
      const scene = new Scene();
      scene.open();
      scene.commit();
      if (asksFirst === REGISTRY) scene.want();
      for (let i = 0; i < 100; i++) scene.want(ANSWER, 'east');
      if (asksFirst !== REGISTRY) scene.want();
      expect(scene.asked).toHaveLength(5);
      const { request = 0 } = scene.asked.at(asksFirst === REGISTRY ? 0 : -1) ?? {};
      scene.agent.take({ kind: 'disclosed', request, index: 0, of: 1, part: 'AA==' });
      expect(scene.parts).toMatchObject([{ to: REGISTRY, part: 'AA==' }]);
    }
  });

  it('are not disclosed to a site that has nothing to judge, which knows the answer from a verdict', () => {
    const scene = new Scene();
    scene.open();
    scene.commit();
    scene.want(ANSWER, 'north');
    expect(scene.asked).toEqual([]);
    scene.want(ANSWER, 'east');
    expect(scene.asked).toHaveLength(1);
  });

  it('are disclosed a bounded number of times, and no part that the agent makes up goes out', () => {
    const scene = new Scene();
    scene.open();
    scene.commit();
    for (let i = 0; i < 100; i++) scene.want();
    expect(scene.asked).toHaveLength(4);
    const request = scene.asked.at(-1)?.request ?? 0;
    scene.agent.take({ kind: 'disclosed', request: request + 1, index: 0, of: 1, part: '' });
    scene.agent.take({ kind: 'disclosed', request, index: 1, of: 2, part: '' });
    scene.agent.take({ kind: 'disclosed', request, index: 0, of: 2, part: '' });
    expect(scene.parts).toEqual([]);
  });
});
