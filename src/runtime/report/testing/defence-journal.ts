import type { JournalEntry } from '../../../protocol/journal.ts';
import { holdAuction } from './auction-script.ts';
import { JournalWriter } from './journal-writer.ts';

interface DefenceOptions {
  readonly startMs: number;
  readonly sources: readonly string[];
  readonly target: string;
  readonly link: string;
  readonly limiter: string;
  readonly users: number;
}

/** A hand-made defence and when its steps took effect. */
export interface Defence {
  readonly journal: readonly JournalEntry[];
  readonly linkLimitMs: number;
  readonly targetLimitMs: number;
  readonly blockTimes: readonly number[];
  readonly lastBlockMs: number;
}

/** Writes the story of the paper's Figure 5 with the reasons that agents give: link, target, sources; limits lifted as it goes. */
export function writeDefence({ startMs, sources, target, link, limiter, users }: DefenceOptions): Defence {
  const writer = new JournalWriter();
  const t = (ms: number): number => Math.round(startMs + ms);
  writer.write(-2800, 'muster', { kind: 'phase', phase: 'placement' }, 'functions are placed by auction');
  holdAuction(writer, {
    atMs: -2600,
    auctioneer: 'a1',
    goal: 'placed(apache)',
    winner: 'a2',
    because: [],
    conversation: 'a1/c1',
  });
  writer.write(
    -2500,
    limiter,
    { kind: 'capability', capability: 'rate-limiter', status: 'activated' },
    'won its placement',
  );
  writer.write(0, 'muster', { kind: 'phase', phase: 'running' }, 'users warmed up, agents ready');
  const load = writer.write(
    t(140),
    'a1',
    {
      kind: 'measurement',
      subject: `link-load ${link}`,
      values: {
        offeredBytes: 1_912_400,
        deliveredBytes: 1_701_100,
        deliveredPackets: 19_022,
        droppedPackets: 2140,
      },
    },
    'read every 100 ms',
  );
  const over = writer.write(
    t(140),
    'a1',
    {
      kind: 'belief',
      belief: `overUsage(${link})`,
      truth: 'true',
      was: 'false',
      value: { rateBytesPerSec: 612_400 },
      source: 'link-load',
    },
    '612 kB/s over the threshold of 250',
    [load],
  );
  const held = writer.write(
    t(141),
    'a1',
    { kind: 'goal', goal: `attackPrevented(${link})`, goalId: 'g7', status: 'generated', priority: 6 },
    'overused, and maybe an attack',
    [over],
  );
  writer.write(
    t(141),
    'a1',
    { kind: 'goal', goal: `detectorReleased(${link})`, goalId: 'g8', status: 'inhibited', priority: 1 },
    'the link is not quiet',
    [over],
  );
  const asked = writer.write(
    t(141),
    'a1',
    { kind: 'goal', goal: `anomalousUsage(${link})`, goalId: 'g9', status: 'generated', priority: 5 },
    'overused, and nobody knows why',
    [over],
  );
  const plan = writer.write(
    t(142),
    'a1',
    {
      kind: 'plan',
      goalId: 'g7',
      intention: 'i3',
      chosen: 'throttle-link',
      candidates: [
        { plan: 'throttle-link', applicable: true, cost: 0.1, why: '' },
        { plan: 'wait-and-see', applicable: false, cost: null, why: 'the link drops packets' },
      ],
    },
    'the cheapest that applies',
    [held],
  );
  const linkAuction = holdAuction(writer, {
    atMs: t(143),
    auctioneer: 'a1',
    goal: `linkRateLimited(${link})`,
    winner: limiter,
    because: [plan],
    conversation: 'a1/c2',
  });
  const detect = holdAuction(writer, {
    atMs: t(145),
    auctioneer: 'a1',
    goal: `anomalousUsage(${link})`,
    winner: 'a2',
    because: [asked],
    conversation: 'a1/c3',
  });
  const act = (
    atMs: number,
    action: string,
    rule: string,
    detail: Readonly<Record<string, unknown>>,
    reason: string,
    because: readonly string[],
  ): string => {
    const on = {
      action,
      rule,
      target: String(detail['source'] ?? detail['target'] ?? detail['link'] ?? rule),
      detail: { ...detail, owner: limiter },
    };
    const step = writer.write(
      atMs - 3,
      limiter,
      { kind: 'intention', intention: 'i1', plan: action, step: 'limit', status: 'step' },
      '',
      because,
    );
    const requested = writer.write(
      atMs - 2,
      limiter,
      { kind: 'action', status: 'requested', ...on },
      reason,
      [step],
    );
    return writer.write(atMs, limiter, { kind: 'action', status: 'done', ...on }, reason, [requested]);
  };
  const linkLimitMs = t(390);
  act(
    linkLimitMs,
    'limit-link',
    `limit:${link}`,
    { link, award: linkAuction.award, rateBytesPerSec: 300_000 },
    `won linkRateLimited; ${users} confirmed sources keep a class of their own`,
    [],
  );
  const seen = writer.write(
    t(800),
    'a2',
    {
      kind: 'measurement',
      subject: `destinations ${link}`,
      values: { target, syns: 9120, synAcks: 8801, confirmed: 61, halfOpen: 512, cookies: 7702 },
    },
    'read every 200 ms',
    [detect.opened],
  );
  const anomalous = writer.write(
    t(801),
    'a2',
    {
      kind: 'belief',
      belief: `attacked(${target})`,
      truth: 'true',
      was: 'unknown',
      value: { confirmedShare: 0.0067 },
      source: 'destinations',
    },
    '9120 SYN/s, 0.7 % of them confirmed, threshold 30 %',
    [seen],
  );
  const targetGoal = writer.write(
    t(802),
    'a2',
    { kind: 'goal', goal: `targetRateLimited(${target})`, goalId: 'g2', status: 'generated', priority: 6 },
    'it is an attack on one destination',
    [anomalous],
  );
  const targetAuction = holdAuction(writer, {
    atMs: t(803),
    auctioneer: 'a2',
    goal: `targetRateLimited(${target})`,
    winner: limiter,
    because: [targetGoal],
    conversation: 'a2/c1',
  });
  const targetLimitMs = t(1012);
  act(
    targetLimitMs,
    'limit-target',
    `limit:${link}:${target}`,
    { link, target, award: targetAuction.award, rateBytesPerSec: 150_000 },
    'won targetRateLimited',
    [],
  );
  act(t(1240), 'remove-rule', `limit:${link}`, {}, 'the limit on the target holds', []);
  const blockAuction = holdAuction(writer, {
    atMs: t(1100),
    auctioneer: 'a2',
    goal: `blocksCarriedOut(${target})`,
    winner: limiter,
    because: [anomalous],
    conversation: 'a2/c2',
  });
  const verdicts = sources.map((source) => ({
    source,
    verdict: 'malicious',
    synRate: 912,
    confirmedShare: 0,
    halfOpen: 50,
  }));
  const benign = { source: '10.2.0.14', verdict: 'benign', synRate: 6, confirmedShare: 0.98, halfOpen: 0 };
  const judged = writer.write(
    t(1900),
    'a2',
    {
      kind: 'measurement',
      subject: `sources ${target}`,
      values: { window: 1000, verdicts: [...verdicts, benign] },
    },
    'read every 250 ms',
    [blockAuction.opened],
  );
  const blockTimes = sources.map((source, n) => {
    const atMs = t(2000 + Math.min(2200, n * 140) + (n % 3) * 40);
    const malicious = writer.write(
      atMs - 8,
      'a2',
      {
        kind: 'belief',
        belief: `malicious(${source})`,
        truth: 'true',
        was: 'unknown',
        value: { confidence: 0.98 },
        source: 'sources',
      },
      '912 SYN/s, 0 of 1790 handshakes confirmed, 50 half open; score 0.98, threshold 0.8',
      [judged],
    );
    const wanted = writer.write(
      atMs - 7,
      'a2',
      {
        kind: 'message',
        direction: 'sent',
        performative: 'request',
        conversation: `a2/r${n}`,
        peer: limiter,
        content: { block: source },
      },
      `request to ${limiter}`,
      [malicious],
    );
    const got = writer.write(
      atMs - 6,
      limiter,
      {
        kind: 'message',
        direction: 'received',
        performative: 'request',
        conversation: `a2/r${n}`,
        peer: 'a2',
        content: { block: source },
      },
      'request from a2',
      [wanted],
    );
    act(
      atMs,
      'block-source',
      `block:${link}:${source}`,
      { link, source, award: blockAuction.award, ttlMs: 60_000 },
      'score 0.98 over the threshold of 0.8: 912 SYN/s, none of its handshakes confirmed',
      [got],
    );
    return atMs;
  });
  const lastBlockMs = Math.max(...blockTimes);
  const clear = writer.write(
    lastBlockMs + 900,
    'a2',
    { kind: 'belief', belief: `sourcesClear(${target})`, truth: 'true', was: 'unknown', source: 'sources' },
    `${sources.length} sources blocked, no other is judged malicious`,
    [judged],
  );
  act(lastBlockMs + 1000, 'remove-rule', `limit:${link}:${target}`, { target }, 'the sources are blocked', [
    clear,
  ]);
  return {
    journal: [...writer.entries].sort((a, b) => a.tMs - b.tMs),
    linkLimitMs,
    targetLimitMs,
    blockTimes,
    lastBlockMs,
  };
}
