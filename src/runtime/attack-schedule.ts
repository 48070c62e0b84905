import type { AttackSpec, Scenario } from '../protocol/scenario.ts';

export interface Burst {
  readonly attack: AttackSpec;
  readonly startMs: number;
  readonly endMs: number;
}

/** Every burst of every attack, in order of time; an attack without pulses is one burst. */
export function bursts(scenario: Scenario): readonly Burst[] {
  const all: Burst[] = [];
  for (const attack of scenario.attacks) {
    const endMs = Math.min(attack.startMs + attack.durationMs, scenario.durationMs);
    const { pulse } = attack;
    if (pulse === undefined) {
      if (attack.startMs < endMs) all.push({ attack, startMs: attack.startMs, endMs });
      continue;
    }
    for (let startMs = attack.startMs; startMs < endMs; startMs += pulse.onMs + pulse.offMs) {
      all.push({ attack, startMs, endMs: Math.min(startMs + pulse.onMs, endMs) });
    }
  }
  return all.sort((a, b) => a.startMs - b.startMs);
}
