import type { Finding, ProblemPath } from './problem.ts';
import type { ScenarioView } from './scenario-view.ts';

/** Users come and attacks run within the scenario's duration, and a pulsing attack has time for a whole pulse. */
export function checkTimes(view: ScenarioView): Finding[] {
  const findings: Finding[] = [];
  const end = view.durationMs;
  const report = (path: ProblemPath, message: string, mend: string): void => {
    findings.push({ path, at: 'value', message, mend });
  };
  for (const { path, value } of view.users.items) {
    const start = value.startMs ?? 0;
    if (end !== undefined && value.startMs !== undefined && value.startMs >= end) {
      report(
        [...path, 'startMs'],
        `\`${value.name}\` starts at ${value.startMs} ms, when the scenario is over (${end} ms)`,
        `start before ${end}, or raise \`durationMs\``,
      );
    }
    if (value.stopMs === undefined) continue;
    if (value.stopMs <= start) {
      report(
        [...path, 'stopMs'],
        `\`${value.name}\` stops at ${value.stopMs} ms, before it starts (${start} ms)`,
        `stop after ${start}, or leave \`stopMs\` out`,
      );
    } else if (end !== undefined && value.stopMs > end) {
      report(
        [...path, 'stopMs'],
        `\`${value.name}\` stops at ${value.stopMs} ms, after the end of the scenario (${end} ms)`,
        'leave `stopMs` out to stay until the end, or raise `durationMs`',
      );
    }
  }
  for (const { path, value } of view.attacks.items) {
    const stop = value.startMs + value.durationMs;
    if (end !== undefined && value.startMs >= end) {
      report(
        [...path, 'startMs'],
        `\`${value.name}\` starts at ${value.startMs} ms, when the scenario is over (${end} ms)`,
        `start before ${end}, or raise \`durationMs\` of the scenario`,
      );
    } else if (end !== undefined && stop > end) {
      report(
        [...path, 'durationMs'],
        `\`${value.name}\` would last until ${stop} ms, and the scenario ends at ${end} ms`,
        `use at most ${end - value.startMs}, or raise \`durationMs\` of the scenario to ${stop}`,
      );
    }
    if (value.pulse === undefined) continue;
    const period = value.pulse.onMs + value.pulse.offMs;
    if (period > value.durationMs) {
      report(
        [...path, 'pulse'],
        `one pulse takes ${period} ms (on and off), and \`${value.name}\` lasts ${value.durationMs} ms`,
        `shorten the pulse, or let the attack last at least ${period}`,
      );
    }
  }
  return findings;
}
