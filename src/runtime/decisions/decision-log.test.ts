import { describe, expect, it } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import { beforeSegment, decisionsOf, whyNotBehind } from '../../core/attestation/decision-chain.ts';
import type { OutputRegister } from '../../core/attestation/output-register.ts';
import { EMPTY_REGISTER, extend } from '../../core/attestation/output-register.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { outputsOf } from './outputs.ts';
import { initialState, whyNotSo } from './re-execute.ts';
import { textHash } from './state-hash.ts';
import { configOf, Decider, question } from './testing/decided.ts';

/** Why the chain behind a head is not sound, or one of its segments is not what the program decides. */
function whyNot({ log, config }: Decider, head: Hex, settled: Hex): string | undefined {
  const chain = log.disclose(head);
  if (chain === undefined) return 'no such head';
  const why = whyNotBehind({ head, settled, initial: initialState(config) }, chain, hashing);
  if (why !== undefined) return why;
  return chain.headers
    .map((header, index) =>
      whyNotSo(config, header, log.textOf(head, index) ?? '', beforeSegment(chain, index)),
    )
    .find((each) => each !== undefined);
}

describe('the log of decisions', () => {
  it('is executed again as it was, over segments and heads', () => {
    const decider = new Decider(configOf(8), { mostDecisions: 7 });
    const first = decider.log.head();
    expect(whyNot(decider, first, ZERO)).toBeUndefined();
    decider.log.settle(first);
    decider.decideTimes(30);
    expect(decider.effects).toHaveLength(30);
    const second = decider.log.head();
    expect(decisionsOf(decider.log.disclose(second)?.headers ?? [])).toBe(30);
    expect(whyNot(decider, second, first)).toBeUndefined();
  });

  it('keeps what a round that nobody judged has committed to, until a later one is settled', () => {
    const decider = new Decider(configOf(8), { mostDecisions: 4 });
    decider.decideTimes(6);
    const lapsed = decider.log.head();
    decider.decideTimes(6);
    const next = decider.log.head();
    expect(whyNot(decider, lapsed, ZERO)).toBeUndefined();
    expect(whyNot(decider, next, ZERO)).toBeUndefined();
    decider.log.settle(next);
    expect(decider.log.disclose(lapsed)).toBeUndefined();
    expect(decider.log.textOf(next, 0)).toBeUndefined();
    decider.decideTimes(1);
    expect(whyNot(decider, decider.log.head(), next)).toBeUndefined();
  });

  it('accounts for every command and message that came of its decisions, in order, from its birth on', () => {
    const decider = new Decider(configOf(8), { mostDecisions: 4 });
    decider.decideTimes(6);
    const first = decider.log.head();
    decider.log.settle(first);
    decider.decideTimes(3);
    let register: OutputRegister = EMPTY_REGISTER;
    for (const [decision, effects] of decider.made)
      for (const output of outputsOf(effects, decision)) register = extend(register, output, textHash);
    expect(decider.made.map(([{ number }]) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(register.outputs).toBe(9);
    expect(decider.log.disclose(decider.log.head())?.opening).toMatchObject({ decisions: 9, register });
  });

  it('that accounts for something else than its decisions is not executed as it was', () => {
    const decider = new Decider(configOf(8));
    decider.decideTimes(3);
    const head = decider.log.head();
    const chain = decider.log.disclose(head);
    const [header] = chain?.headers ?? [];
    if (chain === undefined || header === undefined) throw new Error('there is one');
    const text = decider.log.textOf(head, 0) ?? '';
    const from = beforeSegment(chain, 0);
    expect(whyNotSo(decider.config, header, text, from)).toBeUndefined();
    const other = extend(header.register, ZERO, textHash);
    for (const [register, decisions] of [
      [other, 0],
      [header.register, 1],
    ] as const)
      expect(whyNotSo(decider.config, { ...header, register }, text, { ...from, decisions })).toMatch(
        /other outputs/,
      );
  });

  it('leaves what has come but is not decided upon to the next segment', () => {
    const decider = new Decider(configOf(8));
    decider.decideTimes(2);
    decider.post(question(3));
    const head = decider.log.head();
    expect(decisionsOf(decider.log.disclose(head)?.headers ?? [])).toBe(2);
    expect(whyNot(decider, head, ZERO)).toBeUndefined();
    decider.log.settle(head);
    decider.decide();
    expect(whyNot(decider, decider.log.head(), head)).toBeUndefined();
  });

  it('is as it was where a mailbox refused something', () => {
    const decider = new Decider(configOf(8));
    decider.decideTimes(1);
    const before = decider.agent.state.counters.refused;
    decider.agent.post({ ...question(9), kind: 'none' } as never);
    expect(decider.agent.state.counters.refused).toBe(before + 1);
    decider.decideTimes(1);
    expect(whyNot(decider, decider.log.head(), ZERO)).toBeUndefined();
  });

  it('says when it is full, and has room again once a round is settled', () => {
    const decider = new Decider(configOf(8), { mostDecisions: 2, mostKeptChars: 20_000 });
    for (let tries = 0; tries < 1000 && !decider.log.isFull(); tries++) decider.decideTimes(1);
    expect(decider.log.isFull()).toBe(true);
    decider.log.settle(decider.log.head());
    expect(decider.log.isFull()).toBe(false);
  });

  it('knows who was in the pipeline when', () => {
    const decider = new Decider(configOf(8));
    decider.decideTimes(2);
    decider.post(question(3));
    decider.setAgents(decider.config.agents.slice(0, 1));
    decider.decideTimes(2);
    const head = decider.log.head();
    expect(decider.log.disclose(head)?.headers.map((each) => each.decisions)).toEqual([2, 2]);
    expect(decider.log.textOf(head, 0)).toContain('"agents":null');
    expect(decider.log.textOf(head, 1)).toContain('"agents":[{"name":"a1"');
    expect(whyNot(decider, head, ZERO)).toBeUndefined();
  });
});
