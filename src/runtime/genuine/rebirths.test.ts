import { describe, expect, it } from 'vitest';
import type { AgentId } from '../../protocol/ids.ts';
import { agentId } from '../../protocol/ids.ts';
import { Rebirths, TAKES_OVER_WITHIN_MS, WELL_WITHIN_MS } from './rebirths.ts';

const agents = ['a1', 'a2', 'a3', 'a4'].map(agentId);

function schedule(everyMs: number) {
  const begun: [AgentId, number][] = [];
  const givenUp: AgentId[] = [];
  const notBegun: string[] = [];
  const ill = new Set<AgentId>();
  let now = 0;
  const rebirths = new Rebirths({
    agents: () => agents,
    everyMs,
    nowMs: () => now,
    isWell: (agent) => !ill.has(agent),
    begin: (agent) => begun.push([agent, now]),
    giveUp: (agent) => givenUp.push(agent),
    notBegun: (agent, reason) => notBegun.push(`${agent}: ${reason}`),
  });
  const passUntil = (ms: number, takesMs = 0) => {
    for (; now <= ms; now += 1000) {
      rebirths.look();
      const [agent, sinceMs] = begun.at(-1) ?? [];
      if (agent !== undefined && sinceMs !== undefined && now - sinceMs >= takesMs) rebirths.over(agent);
    }
  };
  return { begun, givenUp, notBegun, ill, passUntil, rebirths };
}

describe('rebirths', () => {
  it('come to each agent once in a period, spread over it', () => {
    const { begun, passUntil } = schedule(40_000);
    passUntil(80_000, 3000);
    expect(begun).toEqual([
      ['a1', 10_000],
      ['a2', 20_000],
      ['a3', 30_000],
      ['a4', 40_000],
      ['a1', 50_000],
      ['a2', 60_000],
      ['a3', 70_000],
      ['a4', 80_000],
    ]);
  });

  it('are never two at a time', () => {
    const { begun, passUntil } = schedule(8000);
    passUntil(60_000, 7000);
    const gaps = begun.slice(1).map(([, atMs], index) => atMs - (begun[index]?.[1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(7000);
    expect(new Set(begun.map(([agent]) => agent)).size).toBe(4);
  });

  it('pass over an agent that is not well, and come to it as soon as it is', () => {
    const { begun, passUntil, ill } = schedule(40_000);
    ill.add(agentId('a1'));
    passUntil(25_000);
    expect(begun.map(([agent]) => agent)).toEqual(['a2']);
    ill.clear();
    passUntil(27_000);
    expect(begun.map(([agent]) => agent)).toEqual(['a2', 'a1']);
  });

  it('give up a successor that does not take over', () => {
    const { begun, givenUp, passUntil } = schedule(40_000);
    passUntil(11_000 + TAKES_OVER_WITHIN_MS, Number.POSITIVE_INFINITY);
    expect(givenUp).toEqual(['a1']);
    expect(begun.map(([agent]) => agent)).toEqual(['a1', 'a2']);
  });

  it('do not come when they are switched off', () => {
    const { begun, passUntil } = schedule(0);
    passUntil(100_000);
    expect(begun).toEqual([]);
  });

  it('that are asked for come before those that are due, and though none are', () => {
    for (const everyMs of [0, 40_000]) {
      const { begun, passUntil, rebirths } = schedule(everyMs);
      rebirths.ask(agentId('a3'));
      passUntil(5000);
      expect(begun).toEqual([['a3', 0]]);
    }
  });

  it('that are asked for wait until the agent is well, and not for ever', () => {
    const { begun, passUntil, notBegun, ill, rebirths } = schedule(0);
    ill.add(agentId('a3'));
    rebirths.ask(agentId('a3'));
    passUntil(7000);
    ill.clear();
    passUntil(8000);
    expect(begun).toEqual([['a3', 8000]]);
    ill.add(agentId('a4'));
    rebirths.ask(agentId('a4'));
    passUntil(10_000 + WELL_WITHIN_MS);
    expect(notBegun).toEqual(['a4: it, or its group, was not well for 60 s']);
    rebirths.ask(agentId('a9'));
    passUntil(20_000 + WELL_WITHIN_MS);
    expect(notBegun.at(-1)).toBe('a9: it is not there any more');
    expect(begun).toHaveLength(1);
  });
});
