import { describe, expect, it } from 'vitest';
import { agentId, awardId, ruleId } from '../../protocol/ids.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { ExpectationResult } from '../../protocol/report.ts';
import { buildReport } from './build-report.ts';
import type { Interval, Recording } from './recording.ts';
import { type EntryDraft, JournalWriter } from './testing/journal-writer.ts';
import {
  ATTACKERS,
  journalOf,
  LINK,
  request,
  SERVER,
  type Step,
  smallRecording,
  smallScenario,
  USER,
} from './testing/small-recording.ts';

const [first = '', second = ''] = ATTACKERS;
const BOTH_BLOCKED: readonly Step[] = [
  { kind: 'limit-link', tMs: 10_400, target: LINK },
  { kind: 'limit-target', tMs: 11_000, target: SERVER },
  { kind: 'block-source', tMs: 13_000, target: first, ttlMs: 60_000 },
  { kind: 'block-source', tMs: 14_000, target: second, ttlMs: 60_000 },
];

function judge(
  expectation: Readonly<Record<string, unknown>>,
  changes: Partial<Recording> = {},
): ExpectationResult {
  const recording = smallRecording({
    ...changes,
    scenario: smallScenario({ ...changes.scenario, expect: expectation }),
  });
  const [result] = buildReport(recording).expectations;
  if (result === undefined) throw new Error('the expectation was not judged');
  return result;
}

function met(expectation: Readonly<Record<string, unknown>>, changes: Partial<Recording> = {}): boolean {
  return judge(expectation, changes).met;
}

const withActions = (...steps: readonly Step[]): Partial<Recording> => ({ journal: journalOf(steps) });

describe('checkExpectations', () => {
  it('measures each step from the first attack packet, the bound included', () => {
    const run = withActions(...BOTH_BLOCKED);
    expect(met({ firstLinkLimitWithinMs: 400 }, run)).toBe(true);
    expect(met({ firstLinkLimitWithinMs: 399 }, run)).toBe(false);
    expect(met({ firstTargetLimitWithinMs: 1000 }, run)).toBe(true);
    expect(met({ firstTargetLimitWithinMs: 999 }, run)).toBe(false);
    expect(met({ allSourcesBlockedWithinMs: 4000 }, run)).toBe(true);
    expect(met({ allSourcesBlockedWithinMs: 3999 }, run)).toBe(false);
  });

  it('names the sources that were never blocked', () => {
    const result = judge({ allSourcesBlockedWithinMs: 4000 }, withActions(...BOTH_BLOCKED.slice(0, 3)));
    expect(result).toMatchObject({ met: false, measured: `never blocked: ${second}` });
  });

  it('does not take a limit on a server that is not attacked for the target limit', () => {
    const run = withActions({ kind: 'limit-target', tMs: 10_100, target: '10.0.0.99' });
    expect(judge({ firstTargetLimitWithinMs: 5000 }, run)).toMatchObject({
      met: false,
      measured: 'no attacked target was limited',
    });
  });

  it('wants the steps in order, by the order of the journal within one moment', () => {
    const [link, target, source] = BOTH_BLOCKED.map((step) => ({ ...step, tMs: 11_000 }));
    if (link === undefined || target === undefined || source === undefined) throw new Error('three steps');
    expect(met({ stepsInOrder: true }, withActions(link, target, source))).toBe(true);
    expect(met({ stepsInOrder: true }, withActions(target, link, source))).toBe(false);
    expect(met({ stepsInOrder: true }, withActions(link, target))).toBe(false);
  });

  it('counts who was blocked wrongly and who was missed', () => {
    const run = withActions({ kind: 'block-source', tMs: 12_000, target: USER, ttlMs: 9000 });
    expect(met({ maxFalsePositives: 0 }, run)).toBe(false);
    expect(met({ maxFalsePositives: 1 }, run)).toBe(true);
    expect(met({ maxFalseNegatives: 1 }, run)).toBe(false);
    expect(met({ maxFalseNegatives: 2 }, run)).toBe(true);
  });

  it('compares goodput with that before the attack', () => {
    const requests = [
      request(5000, 10_000, 5000),
      request(11_000, 14_000, 2100),
      request(17_000, 40_000, 20_700),
    ];
    const run = { ...withActions(...BOTH_BLOCKED), requests };
    expect(met({ minGoodputLimitedRatio: 0.7 }, run)).toBe(true);
    expect(met({ minGoodputLimitedRatio: 0.71 }, run)).toBe(false);
    expect(met({ minGoodputAfterRatio: 0.9 }, run)).toBe(true);
    expect(met({ minGoodputAfterRatio: 0.91 }, run)).toBe(false);
  });

  it('says why a goodput cannot be given, and does not call it met', () => {
    const requests = [request(5000, 10_000, 5000)];
    expect(judge({ minGoodputAfterRatio: 0.1 }, { requests })).toMatchObject({
      met: false,
      measured: 'not all sources were blocked',
    });
    expect(judge({ minGoodputLimitedRatio: 0.1 }, { requests })).toMatchObject({
      met: false,
      measured: 'no attacked target was limited',
    });
  });

  it('judges the control with the defence off alone, and nothing else of it', () => {
    const scenario = smallScenario({
      expect: { maxGoodputDuringRatioUndefended: 0.5, maxFalsePositives: 0 },
    });
    const requests = [request(5000, 10_000, 5000), request(10_000, 40_000, 15_000)];
    const names = (defence: 'on' | 'off') =>
      buildReport(smallRecording({ scenario, defence, requests })).expectations.map(({ name, met: ok }) => [
        name,
        ok,
      ]);
    expect(names('off')).toEqual([['maxGoodputDuringRatioUndefended', true]]);
    expect(names('on')).toEqual([['maxFalsePositives', true]]);
  });

  it('joins a link limit and the target limit that takes it over, when it measures how long a limit lasts', () => {
    const peaceful: Partial<Recording> = { firstAttackPacketMs: null, pulses: [] };
    const run = withActions(
      { kind: 'limit-link', tMs: 5000, target: LINK },
      { kind: 'limit-target', tMs: 6000, target: SERVER },
      { kind: 'remove-rule', tMs: 6200, target: `limit-link:${LINK}` },
      { kind: 'remove-rule', tMs: 7000, target: `limit-target:${SERVER}` },
    );
    expect(met({ maxLimitMs: 2000 }, { ...run, ...peaceful })).toBe(true);
    expect(met({ maxLimitMs: 1999 }, { ...run, ...peaceful })).toBe(false);
  });

  it('does not let a limit that flaps pass for a short one', () => {
    const flapping = [5000, 6500, 8000].flatMap((tMs): Step[] => [
      { kind: 'limit-link', tMs, target: LINK },
      { kind: 'remove-rule', tMs: tMs + 1000, target: `limit-link:${LINK}` },
    ]);
    expect(
      met({ maxLimitMs: 2000 }, { ...withActions(...flapping), firstAttackPacketMs: null, pulses: [] }),
    ).toBe(false);
  });

  it('does not count limits while the attack runs as limits of a peak', () => {
    const run = withActions(
      { kind: 'limit-link', tMs: 10_400, target: LINK },
      { kind: 'remove-rule', tMs: 41_000, target: `limit-link:${LINK}` },
    );
    expect(met({ maxLimitMs: 1000 }, run)).toBe(true);
    expect(met({ maxLimitMs: 999 }, run)).toBe(false);
  });

  it('measures how long a source went free after each end of its block', () => {
    const block = (tMs: number): Step => ({ kind: 'block-source', tMs, target: first, ttlMs: 5000 });
    const run = withActions(
      block(12_000),
      block(18_500),
      block(23_000),
      block(28_000),
      block(33_000),
      block(38_000),
    );
    expect(judge({ reblockedWithinMs: 1500 }, run)).toMatchObject({
      met: true,
      measured: '1.50 s at most over 5 times',
    });
    expect(met({ reblockedWithinMs: 1499 }, run)).toBe(false);
  });

  it('is not content when a source is never blocked again, or no block ended at all', () => {
    const once = withActions({ kind: 'block-source', tMs: 12_000, target: first, ttlMs: 5000 });
    expect(judge({ reblockedWithinMs: 2000 }, once)).toMatchObject({
      met: false,
      measured: '1 source never blocked again',
    });
    expect(met({ reblockedWithinMs: 2000 }, withActions(...BOTH_BLOCKED))).toBe(false);
  });

  it('does not ask for a new block when the attack is over before it would be due', () => {
    const run = withActions(
      { kind: 'block-source', tMs: 12_000, target: first, ttlMs: 26_500 },
      { kind: 'block-source', tMs: 12_000, target: second, ttlMs: 5000 },
      { kind: 'block-source', tMs: 17_000, target: second, ttlMs: 60_000 },
    );
    expect(met({ reblockedWithinMs: 2000 }, run)).toBe(true);
  });

  it('counts the pulses that had begun by the last first block', () => {
    const pulses: readonly Interval[] = [10_000, 20_000, 30_000].map((startMs) => ({
      startMs,
      endMs: startMs + 5000,
    }));
    const blockAt = (tMs: number) => ({
      pulses,
      ...withActions(...BOTH_BLOCKED.slice(0, 3), {
        kind: 'block-source',
        tMs,
        target: second,
        ttlMs: 60_000,
      }),
    });
    expect(judge({ blockedWithinPulses: 2 }, blockAt(22_000))).toMatchObject({
      met: true,
      measured: '2 pulses',
    });
    expect(met({ blockedWithinPulses: 2 }, blockAt(31_000))).toBe(false);
  });

  it('wants the limited targets to be exactly those named', () => {
    const run = withActions(...BOTH_BLOCKED);
    expect(met({ targets: ['web'] }, run)).toBe(true);
    expect(met({ targets: ['web', 'other'] }, run)).toBe(false);
    expect(met({ targets: [] }, run)).toBe(false);
  });
});

function faultRun(build: (writer: JournalWriter) => void): Partial<Recording> {
  const writer = new JournalWriter();
  build(writer);
  const faults = [{ kind: 'stop-agent', holderOf: 'linkRateLimited', when: 'standing' }];
  return { journal: writer.entries, scenario: smallScenario({ faults }) };
}

const award = (
  status: 'granted' | 'accepted' | 'moved' | 'released' | 'lapsed',
  holder: string,
  name = 'w1',
  goal = 'linkRateLimited',
) => ({ kind: 'award', award: name, goal, status, holder }) as const;

describe('expectations about agents', () => {
  it('measures how long an award takes to move from a stopped agent to another', () => {
    const run = faultRun((writer) => {
      writer.write(11_000, 'a1', award('granted', 'a2'));
      writer.write(12_000, 'muster', { kind: 'fault', fault: 'stop-agent', subject: 'a2' });
      writer.write(12_500, 'a2', award('accepted', 'a2'));
      writer.write(13_400, 'a1', award('moved', 'a3', 'w2'));
    });
    expect(judge({ awardMovesWithinMs: 2000 }, run)).toMatchObject({ met: true, measured: '1.40 s at most' });
    expect(met({ awardMovesWithinMs: 1399 }, run)).toBe(false);
  });

  it('follows an award that was promised and not yet held when its winner was stopped', () => {
    const awarded: EntryDraft = {
      kind: 'auction',
      auction: 'w1',
      goal: 'linkRateLimited(s1>h1)',
      status: 'awarded',
      participants: ['a2', 'a3'],
      bids: [],
      winner: 'a2',
      reserve: null,
    };
    const run = faultRun((writer) => {
      writer.write(11_000, 'a1', awarded);
      writer.write(11_010, 'muster', { kind: 'fault', fault: 'stop-agent', subject: 'a2' });
      writer.write(11_600, 'a1', award('granted', 'a3', 'w2'));
    });
    expect(judge({ awardMovesWithinMs: 2000 }, run)).toMatchObject({ met: true, measured: '590 ms at most' });
  });

  it('is not content when the fault never happened or the award stays where it was', () => {
    const never = faultRun((writer) => writer.write(11_000, 'a1', award('granted', 'a2')));
    expect(judge({ awardMovesWithinMs: 2000 }, never)).toMatchObject({
      met: false,
      measured: '0 of 1 fault happened',
    });
    const stuck = faultRun((writer) => {
      writer.write(11_000, 'a1', award('granted', 'a2'));
      writer.write(12_000, 'muster', { kind: 'fault', fault: 'stop-agent', subject: 'a2' });
      writer.write(12_400, 'a1', award('granted', 'a3', 'w9', 'anomalousUsage'));
    });
    expect(met({ awardMovesWithinMs: 2000 }, stuck)).toBe(false);
  });

  const rule = (owner: string, name: string) => ({
    rule: ruleId('limit:s1>h1'),
    kind: 'limit-link' as const,
    award: awardId(name),
    owner: agentId(owner),
    link: LINK,
  });

  it('finds a rule left by an agent that was stopped or no longer holds the award', () => {
    const entries = (build: (writer: JournalWriter) => void): readonly JournalEntry[] => {
      const writer = new JournalWriter();
      build(writer);
      return writer.entries;
    };
    const held = entries((writer) => writer.write(11_000, 'a1', award('granted', 'a2')));
    const stopped = entries((writer) => {
      writer.write(11_000, 'a1', award('granted', 'a2'));
      writer.write(12_000, 'muster', { kind: 'fault', fault: 'stop-agent', subject: 'a2' });
    });
    const released = entries((writer) => {
      writer.write(11_000, 'a1', award('granted', 'a2'));
      writer.write(12_000, 'a1', award('released', 'a2'));
    });
    const overrun = entries((writer) => {
      writer.write(11_000, 'a1', award('granted', 'a2'));
      writer.write(12_000, 'muster', { kind: 'fault', fault: 'mailbox-full', subject: 'a2' });
    });
    const run = (journal: readonly JournalEntry[]) =>
      met({ noOrphanRules: true }, { journal, rulesLeft: [rule('a2', 'w1')] });
    expect(run(held)).toBe(true);
    expect(run(overrun)).toBe(true);
    expect(run(stopped)).toBe(false);
    expect(run(released)).toBe(false);
    expect(met({ noOrphanRules: true }, { journal: held, rulesLeft: [rule('a3', 'w1')] })).toBe(false);
  });

  it('counts refusals for lack of headroom, one an agent and auction', () => {
    const writer = new JournalWriter();
    const refusal = (auction: string): EntryDraft => ({
      kind: 'bid',
      auction,
      goal: 'g',
      verdict: 'refuse',
      price: null,
      parts: [],
    });
    writer.write(1, 'a2', refusal('c1'), 'no headroom: cpu 112 % after placing');
    writer.write(2, 'a2', refusal('c1'), 'no headroom: cpu 112 % after placing');
    writer.write(3, 'a3', refusal('c1'), 'no headroom: memory 140 % after placing');
    writer.write(4, 'a4', refusal('c1'), 'does not know how');
    expect(met({ refusesForHeadroom: 2 }, { journal: writer.entries })).toBe(true);
    expect(met({ refusesForHeadroom: 3 }, { journal: writer.entries })).toBe(false);
  });

  it('sees who activated a capability', () => {
    const writer = new JournalWriter();
    writer.write(12_000, 'a4', { kind: 'capability', capability: 'rate-limiter', status: 'activated' });
    expect(judge({ activates: 'rate-limiter' }, { journal: writer.entries })).toMatchObject({
      met: true,
      measured: 'a4 at 12.0 s',
    });
    expect(met({ activates: 'classifier' }, { journal: writer.entries })).toBe(false);
  });
});
