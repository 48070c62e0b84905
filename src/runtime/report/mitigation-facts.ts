import { journalIndex } from '../../core/explain/journal-index.ts';
import { entriesTold, whyChain } from '../../core/explain/why-chain.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Report } from '../../protocol/report.ts';
import type { Recording } from './recording.ts';
import type { RuleInForce } from './rules-in-force.ts';

/** First rule of a kind that was in force at any time from the attack's start on; of all when there was no attack. */
function firstOf(
  rules: readonly RuleInForce[],
  kind: RuleInForce['kind'],
  attack: Report['attack'],
  counts: (rule: RuleInForce) => boolean = () => true,
): RuleInForce | undefined {
  const from = attack.startMs ?? Number.NEGATIVE_INFINITY;
  return rules.find((rule) => rule.kind === kind && rule.endMs > from && counts(rule));
}

/** When each source was blocked for the first time. */
export function firstBlocks(rules: readonly RuleInForce[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { kind, target, startMs } of rules) {
    if (kind === 'block-source' && !first.has(target)) first.set(target, startMs);
  }
  return first;
}

/**
 * When the agents first believed something that led to the first rule against the attack: the earliest belief that
 * became true after the attack's first packet among the reasons of that rule. Null without such a belief.
 */
function detectedMs(
  journal: readonly JournalEntry[],
  rule: RuleInForce | undefined,
  attack: Report['attack'],
): number | null {
  if (rule === undefined || attack.startMs === null) return null;
  const from = attack.startMs;
  const times = entriesTold(whyChain(journalIndex(journal), rule.setBy))
    .filter(
      (entry) =>
        entry.kind === 'belief' && entry.truth === 'true' && entry.was !== 'true' && entry.tMs >= from,
    )
    .map((entry) => entry.tMs);
  return times.length === 0 ? null : Math.min(...times);
}

/** What the agents did against the attack, judged by the truth. */
export function mitigationFacts(
  recording: Recording,
  attack: Report['attack'],
  rules: readonly RuleInForce[],
): Report['mitigation'] {
  const blocks = firstBlocks(rules);
  const users = new Set<string>(recording.truth.users.map(({ address }) => address));
  const attacked = new Set(attack.targets);
  const link = firstOf(rules, 'limit-link', attack);
  const target = firstOf(
    rules,
    'limit-target',
    attack,
    (rule) => attacked.size === 0 || attacked.has(rule.target),
  );
  const earliest = rules.find((rule) => attack.startMs !== null && rule.startMs >= attack.startMs);
  const blockTimes = attack.sources.map((source) => blocks.get(source));
  const known = blockTimes.filter((tMs) => tMs !== undefined);
  const all = attack.sources.length > 0 && known.length === attack.sources.length;
  const judged = recording.defence === 'on' && attack.startMs !== null;
  return {
    detectedMs: detectedMs(recording.journal, earliest, attack),
    firstLinkLimitMs: link?.startMs ?? null,
    firstTargetLimitMs: target?.startMs ?? null,
    allSourcesBlockedMs: all ? Math.max(...known) : null,
    blockedSources: [...blocks.keys()],
    falsePositives: [...blocks.keys()].filter((address) => users.has(address)).length,
    falseNegatives: judged ? attack.sources.length - known.length : null,
  };
}
