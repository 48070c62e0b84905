import type { Results } from './collect.ts';
import { RECORDED } from './recorded.ts';

/** A target of the engine, and what was measured. */
export interface Verdict {
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Compares the medians with the engine's targets: live peers of the same run, recorded ones at the top of their range. */
export function judge(results: Results): readonly Verdict[] {
  const of = (workload: string, figure = 'perSecond') => results.median(workload, figure) ?? Number.NaN;
  const jasonOne = results.median('jason goals, 1 agent', 'perSecond');
  const jasonMany = results.median('jason goals, 1000 agents', 'perSecond');
  const how = (live: number | undefined) => (live === undefined ? ' (recorded)' : '');
  const atLeast = (name: string, value: number, factor: number, base: number): Verdict => ({
    target: `${name}: at least ${factor} x`,
    measured: `${(value / base).toFixed(1)} x (${round(value)} against ${round(base)})`,
    met: value >= factor * base,
  });
  const atMost = (name: string, value: number, bound: number, unit: string): Verdict => ({
    target: `${name}: at most ${bound} ${unit}`,
    measured: `${value.toPrecision(3)} ${unit}`,
    met: value <= bound,
  });
  const one = of('muster goals, 1 agent');
  const many = of('muster goals, 1000 agents');
  const messages = of('muster contract net');
  const { Jason, 'BDI4JADE on JADE': jade } = RECORDED;
  return [
    atLeast(`goals/s, 1 agent, against Jason${how(jasonOne)}`, one, 2, jasonOne ?? Jason.oneAgent[1]),
    atLeast('goals/s, 1 agent, against BDI4JADE (recorded)', one, 3, jade.oneAgent[1]),
    atLeast(
      `goals/s, 1000 agents, against Jason${how(jasonMany)}`,
      many,
      2,
      jasonMany ?? Jason.manyAgents[1],
    ),
    atLeast('goals/s, 1000 agents, against BDI4JADE (recorded)', many, 20, jade.manyAgents[1]),
    atLeast(
      "goals/s, 1000 agents, against JS-son's Environment",
      many,
      50,
      of('js-son next(), 1000 agents in its Environment'),
    ),
    atMost('cost of the trace', 100 * of('muster trace cost', 'cost'), 30, '%'),
    atLeast('contract net, messages/s, against JADE (recorded)', messages, 20, jade.contractNet[1]),
    atLeast(
      'contract net, messages/s, against JS-son',
      messages,
      8,
      of('js-son contract net in its Environment'),
    ),
    atMost('heap per idle agent', of('muster idle agents', 'heapBytes') / 1024, 3.5, 'KiB'),
    atMost('slope of Fig. 9', of('muster figure 9', 'slopeMsPerGoal'), 0.1, 'ms a goal'),
    atMost(
      'p99 of Fig. 9 behind 800 goals (one step of 1 ms + 5 ms)',
      of('muster figure 9', 'p99_800'),
      6,
      'ms',
    ),
    atMost('starting 10 000 agents', of('muster idle agents', 'startMs'), 1000, 'ms'),
  ];
}

export function round(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}
