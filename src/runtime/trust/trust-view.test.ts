import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import { account, attestedEvents, FakeChain, hex32, passedEvents } from './testing/fake-ledger.ts';
import { TrustView } from './trust-view.ts';

const START_S = 1_000_000;

function holder() {
  const clock = { ms: 5000, wall: START_S };
  const view = new TrustView({ monotonicMs: () => clock.ms, wallSeconds: () => clock.wall });
  const pass = (seconds: number) => {
    clock.ms += 1000 * seconds;
    clock.wall += seconds;
  };
  return { clock, view, pass, chain: new FakeChain() };
}

const agent = {
  key: hex32(21),
  name: 'a1',
  guard: account(5),
  incarnation: 1,
  round: 1,
  openedAt: START_S,
  validUntil: START_S + 60,
  kemKey: hex32(31),
  frameKey: hex32(32),
};

describe('a holder of verdicts', () => {
  it('ends validity on its own clock, with the ledger stopped', () => {
    const { view, pass, chain } = holder();
    view.apply(chain.block(START_S, ...attestedEvents(agent)));
    expect(view.attested(agent.key)?.name).toBe('a1');
    expect(view.peers()).toEqual([
      expect.objectContaining({ name: 'a1', incarnation: 1, frameKey: agent.frameKey, validForMs: 60_000 }),
    ]);
    pass(59.999);
    expect(view.attested(agent.key)).toBeDefined();
    pass(0.001);
    expect(view.attested(agent.key)).toBeUndefined();
    expect(view.peers()).toEqual([]);
  });

  it('does not wait for the ledger once the guard of an agent has ended it, and trusts the incarnation after it', () => {
    const { view, chain } = holder();
    view.apply(chain.block(START_S, ...attestedEvents(agent)));
    view.fell(agentId('a1'), 2);
    expect(view.attested(agent.key)).toBeDefined();
    view.fell(agentId('a1'), 1);
    expect([view.attested(agent.key), view.peers()]).toEqual([undefined, []]);
    view.apply(chain.block(START_S, ...attestedEvents({ ...agent, incarnation: 3, round: 2 })));
    expect(view.attested(agent.key)?.incarnation).toBe(3);
  });

  it('a clock of the machine that is set back changes nothing', () => {
    const { clock, view, chain } = holder();
    view.apply(chain.block(START_S, ...attestedEvents(agent)));
    clock.wall -= 86_400;
    clock.ms += 60_000;
    expect(view.attested(agent.key)).toBeUndefined();
  });

  it('a block that comes late does not extend what it grants', () => {
    const { view, pass, chain } = holder();
    const block = chain.block(START_S, ...attestedEvents(agent));
    pass(45);
    view.apply(block);
    expect(view.peers()[0]?.validForMs).toBe(15_000);
    pass(15);
    expect(view.attested(agent.key)).toBeUndefined();
  });

  it('nor does it with the clock of the machine set back: the chain has been further', () => {
    const { clock, view, pass, chain } = holder();
    const earlier = chain.block(START_S);
    const late = chain.block(START_S + 1, ...attestedEvents(agent));
    view.apply(earlier);
    pass(45);
    clock.wall -= 86_400;
    view.apply(late);
    expect(view.peers()[0]?.validForMs).toBe(15_000);
  });

  it('a block that is told again extends nothing', () => {
    const { view, pass, chain } = holder();
    const block = chain.block(START_S, ...attestedEvents(agent));
    view.apply(block);
    pass(30);
    view.apply(block);
    view.apply(chain.block(START_S + 30));
    expect(view.peers()[0]?.validForMs).toBe(30_000);
  });

  it('never trusts beyond what was granted, however blocks come', () => {
    const step = fc.record({ s: fc.integer({ min: 0, max: 30 }), wall: fc.integer({ min: -100, max: 100 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { clock, view, chain } = holder();
        view.apply(chain.block(START_S));
        let seconds = 0;
        const blocks = [chain.block(START_S, ...attestedEvents(agent))];
        for (const { s, wall } of steps) {
          seconds += s;
          clock.ms += 1000 * s;
          clock.wall = START_S + seconds + wall;
          for (const block of blocks.splice(0)) view.apply(block);
          blocks.push(chain.block(START_S + seconds));
          if (seconds >= 60) expect(view.attested(agent.key)).toBeUndefined();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a round that is passed renews', () => {
    const { view, pass, chain } = holder();
    view.apply(chain.block(START_S, ...attestedEvents(agent)));
    pass(30);
    const again = { ...agent, round: 2, openedAt: START_S + 25, validUntil: START_S + 85 };
    view.apply(chain.block(START_S + 30, ...passedEvents(again)));
    expect(view.peers()[0]?.validForMs).toBe(55_000);
  });

  it('revocation, suspension and the loss of the guard end trust at once', () => {
    for (const lost of [
      { kind: 'Revoked', agent: agent.key, incarnation: 1, reason: 'text was written to' },
      { kind: 'Suspended', agent: agent.key, incarnation: 1, reason: 'missed a round' },
      { kind: 'ValidityExpired', agent: agent.key, incarnation: 1 },
      { kind: 'AgentWithdrawn', agent: agent.key, reason: 'not needed' },
      { kind: 'GuardRemoved', guard: agent.guard },
    ] as const) {
      const { view, chain } = holder();
      view.apply(chain.block(START_S, ...attestedEvents(agent)));
      expect(view.attested(agent.key)).toBeDefined();
      view.apply(chain.block(START_S, lost));
      expect(view.attested(agent.key), lost.kind).toBeUndefined();
      expect(view.peers()).toEqual([]);
    }
  });

  it('a name that is none here does not keep the others from being known', () => {
    const { view, chain } = holder();
    const odd = { ...agent, key: hex32(22), name: 'Not A Name' };
    view.apply(chain.block(START_S, ...attestedEvents(odd), ...attestedEvents(agent)));
    expect(view.peers().map((each) => each.name)).toEqual(['a1']);
    expect(view.keyOf(agentId('a1'))).toBe(agent.key);
  });

  it('an agent without a key to seal to is attested, but no peer', () => {
    const { view, chain } = holder();
    view.apply(chain.block(START_S, ...attestedEvents({ ...agent, kemKey: hex32(0) })));
    expect(view.attested(agent.key)).toBeDefined();
    expect(view.peers()).toEqual([]);
  });
});
