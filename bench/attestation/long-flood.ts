import type { JournalEntry } from '../../src/protocol/journal.ts';
import type { Scenario } from '../../src/protocol/scenario.ts';
import { firstBlocks } from '../../src/runtime/report/mitigation-facts.ts';
import { planeActions } from '../../src/runtime/report/plane-actions.ts';
import { rulesInForce } from '../../src/runtime/report/rules-in-force.ts';
import type { RunResult } from '../../src/runtime/run-scenario.ts';

/** Times of the run, ms from its time 0. The ledger is away for 30 s, from a second before the first attack on. */
export const OUTAGE = { fromMs: 1000, toMs: 31_000 };
const FIRST = { startMs: 2000, durationMs: 32_000 };
/** Others, while the first are still blocked. */
const LATER = {
  name: 'later',
  startMs: 14_000,
  durationMs: 20_000,
  ratesPps: Array.from({ length: 6 }, () => 1600),
};
/** A block ends while its source goes on: it has to be found and blocked once more, twice within the outage. */
const BLOCK_TTL_MS = 10_000;
/** Time for every agent to pass a round once the ledger is back. */
const DURATION_MS = 46_000;
const WARM_UP_MS = 2000;

/** What is done about an attack, and timed. */
export const CONTROL_STEPS = [
  'attack to detection',
  'attack to link limit',
  'attack to target limit',
  'attack to all blocked',
  'later attack to all blocked',
  'block run out to last blocked again',
] as const;

/** The demo with a longer attack, a second one with other sources, and blocks that have to be renewed. */
export function longFlood(demo: Scenario): Scenario {
  const [attack] = demo.attacks;
  if (attack === undefined) throw new Error('demo.yaml has an attack');
  const functions = demo.functions.map((each) =>
    each.kind === 'rate-limiter' ? { ...each, blockTtlMs: BLOCK_TTL_MS } : each,
  );
  const attacks = [
    { ...attack, ...FIRST },
    { ...attack, ...LATER },
  ];
  return { ...demo, functions, attacks, durationMs: DURATION_MS, warmupMs: WARM_UP_MS };
}

/** What was done about it, and how long that took, ms; undefined: it never was, or not before the outage was over. */
export function stepsOf({
  report,
  recording,
}: RunResult): Readonly<Record<(typeof CONTROL_STEPS)[number], number | undefined>> {
  const { mitigation } = report;
  const rules = rulesInForce(planeActions(recording.journal), recording.durationMs);
  const blocks = firstBlocks(rules);
  const blockedMs = (name: string): number => {
    const sources = recording.truth.attackers.filter(({ attack }) => attack === name);
    return Math.max(...sources.map(({ address }) => blocks.get(address) ?? Number.POSITIVE_INFINITY));
  };
  const again = rules
    .filter((rule) => rule.kind === 'block-source' && rule.endedBy === 'ran-out')
    .flatMap(({ target, endMs }) => {
      const next = rules.find((each) => each.target === target && each.startMs > endMs);
      return next === undefined ? [] : [{ startMs: next.startMs, tookMs: next.startMs - endMs }];
    })
    .filter(({ startMs }) => startMs <= OUTAGE.toMs);
  const since = (fromMs: number, tMs: number | null) =>
    tMs === null || tMs > OUTAGE.toMs ? undefined : tMs - fromMs;
  const [first = ''] = recording.scenario.attacks.map(({ name }) => name);
  return {
    'attack to detection': since(FIRST.startMs, mitigation.detectedMs),
    'attack to link limit': since(FIRST.startMs, mitigation.firstLinkLimitMs),
    'attack to target limit': since(FIRST.startMs, mitigation.firstTargetLimitMs),
    'attack to all blocked': since(FIRST.startMs, blockedMs(first)),
    'later attack to all blocked': since(LATER.startMs, blockedMs(LATER.name)),
    'block run out to last blocked again':
      again.length === 0 ? undefined : Math.max(...again.map(({ tookMs }) => tookMs)),
  };
}

/** What became of the agents' trust: how many went without a passed round once the ledger was back, and when the last had one, ms after. */
export function trustAfter({ report, recording }: RunResult): {
  readonly without: number;
  readonly lastMs: number;
} {
  const entries = recording.journal.filter(isLedgerEntry);
  const passedMs = report.agents.flatMap(({ agent }) => {
    const own = entries.filter(({ subject }) => subject === agent);
    const passed = own.find(({ event, tMs }) => event === 'RoundPassed' && tMs > OUTAGE.toMs);
    // Whoever was thrown out did not go on, even if a successor has.
    return passed === undefined || own.some(({ event }) => LOSSES.has(event)) ? [] : [passed.tMs];
  });
  return { without: report.agents.length - passedMs.length, lastMs: Math.max(0, ...passedMs) - OUTAGE.toMs };
}

const LOSSES: ReadonlySet<string> = new Set(['Revoked', 'Suspended', 'ValidityExpired']);

function isLedgerEntry(entry: JournalEntry): entry is Extract<JournalEntry, { kind: 'ledger' }> {
  return entry.kind === 'ledger';
}
