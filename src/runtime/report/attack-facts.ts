import type { Report } from '../../protocol/report.ts';
import type { Recording } from './recording.ts';

/**
 * Who attacked whom and when, as the truth has it; addresses, sorted. Attacks that had not begun when the run ended are
 * left out. A pulsing attack goes on through its pauses, until its last burst ends.
 */
export function attackFacts(recording: Recording): Report['attack'] {
  const { scenario, truth, addresses, firstAttackPacketMs, pulses, durationMs } = recording;
  if (firstAttackPacketMs === null) return { startMs: null, endMs: null, targets: [], sources: [] };
  const notBegun = new Set<string>(
    scenario.attacks.filter((attack) => attack.startMs >= durationMs).map((attack) => attack.name),
  );
  const attackers = truth.attackers.filter(({ attack }) => !notBegun.has(attack));
  const planned = scenario.attacks.map((attack) => attack.startMs + attack.durationMs);
  const ends = pulses.length > 0 ? pulses.map((pulse) => pulse.endMs) : planned;
  const endMs = ends.length > 0 ? Math.min(durationMs, Math.max(...ends)) : durationMs;
  return {
    startMs: firstAttackPacketMs,
    endMs: Math.max(firstAttackPacketMs, endMs),
    targets: [...new Set(attackers.map(({ target }) => addresses[target] ?? target))].sort(),
    sources: [...new Set(attackers.map(({ address }) => address))].sort(),
  };
}
