import { describe, expect, it } from 'vitest';
import { ReportSchema } from '../../protocol/report.ts';
import { buildReport } from './build-report.ts';
import { JournalWriter } from './testing/journal-writer.ts';
import {
  ATTACKERS,
  journalOf,
  LINK,
  request,
  SERVER,
  smallRecording,
  smallScenario,
  USER,
} from './testing/small-recording.ts';

const [first, second] = ATTACKERS;

/** Link limited at 10.4 s, target at 11 s, the two sources blocked at 13 s and 14 s. */
const DEFENCE = journalOf([
  { kind: 'limit-link', tMs: 10_400, target: LINK },
  { kind: 'limit-target', tMs: 11_000, target: SERVER },
  { kind: 'remove-rule', tMs: 11_200, target: `limit-link:${LINK}` },
  { kind: 'block-source', tMs: 13_000, target: first ?? '', ttlMs: 60_000 },
  { kind: 'block-source', tMs: 14_000, target: second ?? '', ttlMs: 60_000 },
]);

describe('buildReport', () => {
  it('gives a report that its own schema accepts', () => {
    const report = buildReport(smallRecording({ journal: DEFENCE, requests: [request(100, 200, 500)] }));
    expect(ReportSchema.parse(report)).toEqual(report);
  });

  it('takes the times of mitigation from the actions that were done', () => {
    const { mitigation, attack } = buildReport(smallRecording({ journal: DEFENCE }));
    expect(attack).toEqual({ startMs: 10_000, endMs: 40_000, targets: [SERVER], sources: [...ATTACKERS] });
    expect(mitigation).toMatchObject({
      firstLinkLimitMs: 10_400,
      firstTargetLimitMs: 11_000,
      allSourcesBlockedMs: 14_000,
      blockedSources: [...ATTACKERS],
      falsePositives: 0,
      falseNegatives: 0,
    });
  });

  it('does not count an action that was only asked for, or failed', () => {
    const journal = journalOf([
      { kind: 'limit-link', tMs: 10_400, target: LINK, status: 'requested' },
      { kind: 'block-source', tMs: 10_500, target: first ?? '', status: 'failed' },
    ]);
    const report = buildReport(smallRecording({ journal }));
    expect(report.actions).toEqual([]);
    expect(report.mitigation.firstLinkLimitMs).toBeNull();
    expect(report.mitigation.falseNegatives).toBe(2);
  });

  it('compares goodput over the windows that the definitions name', () => {
    // before 5-10 s, during 10-14 s, limited 11-14 s, after 17-40 s.
    const requests = [
      request(4000, 6000, 2000), // half of it before 5 s: 1000 count
      request(9000, 10_000, 9000), // 10 000 before: 2000 B/s
      request(10_000, 11_000, 4000), // during, not limited
      request(11_000, 14_000, 6000), // during and limited: 10 000 during, 6000 limited
      request(14_500, 16_500, 70_000), // while users come back: in no window
      request(17_000, 40_000, 46_000), // after: 2000 B/s
      request(20_000, 21_000, 99_999, { inTime: false }),
    ];
    const { legitimate } = buildReport(smallRecording({ journal: DEFENCE, requests }));
    expect(legitimate).toEqual({
      goodputBefore: 2000,
      goodputDuring: 2500,
      goodputLimited: 2000,
      goodputAfter: 2000,
      users: 1,
      requestsInTime: 6,
      requestsLate: 1,
    });
  });

  it('leaves requests of the warm-up out of the counts', () => {
    const { legitimate } = buildReport(
      smallRecording({ requests: [request(-900, -100, 10), request(-100, 100, 10)] }),
    );
    expect(legitimate.requestsInTime).toBe(1);
  });

  it('measures before over the time there was when the attack comes sooner than 5 s', () => {
    const recording = smallRecording({ firstAttackPacketMs: 2000, requests: [request(0, 2000, 8000)] });
    expect(buildReport(recording).legitimate.goodputBefore).toBe(4000);
  });

  it('has no figure for after when the attack ends within 15 s of the users having come back', () => {
    const ending = (endMs: number) =>
      buildReport(smallRecording({ journal: DEFENCE, pulses: [{ startMs: 10_000, endMs }] })).legitimate
        .goodputAfter;
    expect(ending(31_999)).toBeNull();
    expect(ending(32_000)).toBe(0);
  });

  it('runs during to the end of the attack, and misses a source, when one is never blocked', () => {
    const requests = [request(10_000, 40_000, 30_000)];
    const report = buildReport(smallRecording({ journal: DEFENCE.slice(0, 4), requests }));
    expect(report.mitigation).toMatchObject({ allSourcesBlockedMs: null, falseNegatives: 1 });
    expect(report.legitimate).toMatchObject({
      goodputDuring: 1000,
      goodputLimited: 1000,
      goodputAfter: null,
    });
  });

  it('counts a blocked user as a false positive once, however often blocked', () => {
    const journal = journalOf([
      { kind: 'block-source', tMs: 12_000, target: USER, ttlMs: 1000 },
      { kind: 'block-source', tMs: 15_000, target: USER, ttlMs: 1000 },
    ]);
    expect(buildReport(smallRecording({ journal })).mitigation).toMatchObject({
      falsePositives: 1,
      blockedSources: [USER],
    });
  });

  it('has null for what does not apply without an attack', () => {
    const scenario = smallScenario({ attacks: [] });
    const report = buildReport(
      smallRecording({
        scenario,
        truth: { attackers: [], users: [] },
        firstAttackPacketMs: null,
        pulses: [],
      }),
    );
    expect(report.attack).toEqual({ startMs: null, endMs: null, targets: [], sources: [] });
    expect(report.mitigation.falseNegatives).toBeNull();
    expect(report.legitimate).toMatchObject({ goodputBefore: null, goodputDuring: null, goodputAfter: null });
  });

  it('does not hold an attack against the agents that had not begun when the run was cut short', () => {
    const base = smallScenario();
    const [flood] = base.attacks;
    const later = { ...flood, name: 'later', startMs: 30_000 };
    const recording = smallRecording({
      scenario: smallScenario({ attacks: [flood, later] }),
      durationMs: 20_000,
      pulses: [{ startMs: 10_000, endMs: 20_000 }],
      truth: {
        users: [],
        attackers: smallRecording().truth.attackers.map((attacker, at) => ({
          ...attacker,
          attack: at === 0 ? 'flood' : 'later',
        })),
      },
    });
    expect(buildReport(recording).attack).toMatchObject({ sources: [first], endMs: 20_000 });
  });

  it('lists a rule that ran out as an action of its own kind', () => {
    const journal = journalOf([
      { kind: 'block-source', tMs: 12_000, target: first ?? '', ttlMs: 1000 },
      { kind: 'block-source', tMs: 13_000, target: first ?? '', status: 'expired' },
    ]);
    const { actions } = buildReport(smallRecording({ journal }));
    expect(actions.map(({ id, kind, target }) => ({ id, kind, target }))).toEqual([
      { id: 'a1:1', kind: 'block-source', target: first },
      { id: 'a1:2', kind: 'expire-rule', target: first },
    ]);
  });

  it('names the agent that asked, though the runtime recorded what became of it', () => {
    const writer = new JournalWriter();
    const lift = { kind: 'action', action: 'remove-rule', target: 'r1', rule: 'r1' } as const;
    const asked = writer.write(
      11_000,
      'a3',
      { ...lift, status: 'requested', detail: { rule: 'r1' } },
      'it holds',
    );
    writer.write(11_002, 'muster', { ...lift, status: 'done', detail: { rule: 'r1' } }, 'it holds', [asked]);
    const limit = { kind: 'action', action: 'limit-link', target: LINK, rule: 'r2', status: 'done' } as const;
    writer.write(11_003, 'muster', { ...limit, detail: { link: LINK, owner: 'a4' } });
    const { actions } = buildReport(smallRecording({ journal: writer.entries }));
    expect(actions.map(({ id, agent }) => [id, agent])).toEqual([
      ['muster:1', 'a3'],
      ['muster:2', 'a4'],
    ]);
  });

  it('tells when the attack was noticed: the first belief that led to the first rule against it', () => {
    const writer = new JournalWriter();
    const belief = { kind: 'belief', truth: 'true', source: 'link-load' } as const;
    const before = writer.write(9000, 'a1', { ...belief, belief: 'monitors', was: 'unknown' });
    const over = writer.write(10_140, 'a1', { ...belief, belief: 'overUsage', was: 'false' }, '', [before]);
    writer.write(10_050, 'a1', { ...belief, belief: 'unrelated', was: 'false' });
    const limit = { kind: 'action', action: 'limit-link', target: LINK, rule: 'r', status: 'done' } as const;
    writer.write(10_400, 'a1', { ...limit, detail: { link: LINK } }, '', [over]);
    expect(buildReport(smallRecording({ journal: writer.entries })).mitigation.detectedMs).toBe(10_140);
    expect(buildReport(smallRecording({ journal: DEFENCE })).mitigation.detectedMs).toBeNull();
  });

  it('adds up the messages and counts each auction once', () => {
    const report = buildReport(
      smallRecording({
        messageCounts: [
          { agent: 'a1', sent: 10, received: 4, roles: ['rate-limiter'] },
          { agent: 'a2', sent: 4, received: 10, roles: [] },
        ],
      }),
    );
    expect(report.messages).toBe(14);
    expect(report.agents[0]).toEqual({ agent: 'a1', sent: 10, received: 4, roles: ['rate-limiter'] });
  });
});
