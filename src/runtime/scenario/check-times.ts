import type { Finding } from '../../core/problems/problem.ts';
import { showText } from '../../core/problems/problem.ts';
import { type Entry, nameOf, numberIn, type ScenarioView } from './scenario-view.ts';

/** Users come and attacks run within the scenario's duration, and a pulsing attack has time for a whole pulse. */
export function checkTimes({ lists, durationMs }: ScenarioView): Finding[] {
  const endMs = durationMs ?? Number.POSITIVE_INFINITY;
  return [
    ...lists.users.flatMap((entry) => userTimes(entry, endMs)),
    ...lists.attacks.flatMap((entry) => attackTimes(entry, endMs)),
  ];
}

function userTimes(entry: Entry, endMs: number): Finding[] {
  const finding = findingIn(entry);
  const startMs = numberIn(entry, 'startMs');
  const stopMs = numberIn(entry, 'stopMs');
  const findings: Finding[] = [];
  if (startMs !== undefined && startMs >= endMs) {
    const message = `starts at ${startMs} ms, when the scenario is over (${endMs} ms)`;
    findings.push(finding('startMs', message, `start before ${endMs}, or raise \`durationMs\``));
  }
  if (stopMs !== undefined && stopMs <= (startMs ?? 0)) {
    const message = `stops at ${stopMs} ms, before it starts (${startMs ?? 0} ms)`;
    findings.push(finding('stopMs', message, `stop after ${startMs ?? 0}, or leave \`stopMs\` out`));
  } else if (stopMs !== undefined && stopMs > endMs) {
    const message = `stops at ${stopMs} ms, after the end of the scenario (${endMs} ms)`;
    const mend = 'leave `stopMs` out to stay until the end, or raise `durationMs`';
    findings.push(finding('stopMs', message, mend));
  }
  return findings;
}

function attackTimes(entry: Entry, endMs: number): Finding[] {
  const finding = findingIn(entry);
  const startMs = numberIn(entry, 'startMs');
  const lastsMs = numberIn(entry, 'durationMs');
  const findings: Finding[] = [];
  if (startMs !== undefined && startMs >= endMs) {
    const message = `starts at ${startMs} ms, when the scenario is over (${endMs} ms)`;
    findings.push(
      finding('startMs', message, `start before ${endMs}, or raise \`durationMs\` of the scenario`),
    );
  } else if (startMs !== undefined && lastsMs !== undefined && startMs + lastsMs > endMs) {
    const stopMs = startMs + lastsMs;
    const message = `would last until ${stopMs} ms, and the scenario ends at ${endMs} ms`;
    const mend = `use at most ${endMs - startMs}, or raise \`durationMs\` of the scenario to ${stopMs}`;
    findings.push(finding('durationMs', message, mend));
  }
  const pulseMs = (numberIn(entry, 'pulse', 'onMs') ?? 0) + (numberIn(entry, 'pulse', 'offMs') ?? 0);
  if (lastsMs !== undefined && pulseMs > lastsMs) {
    const message = `lasts ${lastsMs} ms, and one pulse takes ${pulseMs} ms (on and off)`;
    findings.push(finding('pulse', message, `shorten the pulse, or let the attack last at least ${pulseMs}`));
  }
  return findings;
}

function findingIn(entry: Entry): (key: string, message: string, mend: string) => Finding {
  const name = nameOf(entry);
  const subject = name === undefined ? 'it' : `\`${showText(name)}\``;
  return (key, message, mend) => ({
    path: [...entry.path, key],
    at: 'value',
    message: `${subject} ${message}`,
    mend,
  });
}
