import { expect, test } from 'vitest';
import { Agent } from '../core/bdi/agent.ts';
import { compileModel } from '../core/bdi/agent-model.ts';
import { capability } from '../core/bdi/capability.ts';
import { percept, perceptType } from '../core/bdi/event.ts';
import type { AnyGoalDecl } from '../core/bdi/goal.ts';
import { goalType } from '../core/bdi/goal.ts';
import { definePlan, done, wait } from '../core/bdi/plan.ts';
import type { Clock } from '../ports/clock.ts';
import { agentId } from '../protocol/ids.ts';
import type { CycleInput } from './agent-host.ts';
import { AgentHost } from './agent-host.ts';

/** A clock whose callbacks come only when the test lets them, however late that is: the clock of a busy machine. */
function busyClock() {
  let nowMs = 0;
  let due: { readonly atMs: number; readonly callback: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    at: (atMs, callback) => {
      const entry = { atMs, callback };
      due.push(entry);
      return {
        cancel: () => {
          due = due.filter((each) => each !== entry);
        },
      };
    },
  };
  return {
    clock,
    /** Time passes, and nothing is called. */
    pass: (ms: number) => {
      nowMs = ms;
    },
    /** One turn: what is due by now. */
    turn: () => {
      const now = due.filter((each) => each.atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
      due = due.filter((each) => !now.includes(each));
      for (const { callback } of now) callback();
    },
  };
}

const sleepy = goalType<{ n: number }>('sleepy', 'achieve', ['n']);

function hostOf(clock: Clock) {
  const sleeps = definePlan(sleepy, 'sleeps', {
    steps: {
      sleep: () => wait({ kind: 'act', action: { kind: 'dig' }, reason: 'x' }, 'wake', { timeoutMs: 100 }),
      wake: () => done(),
    },
  });
  const goals: AnyGoalDecl[] = [{ goal: sleepy, plans: [sleeps] }];
  const model = compileModel({ capabilities: [capability({ name: 'work', offers: [], goals })] });
  const inputs: CycleInput[] = [];
  const host = new AgentHost({
    clock,
    bus: { attach: () => {}, detach: () => {}, send: () => {} },
    thinkMs: 1,
    onAct: () => {},
    onAbort: () => {},
    onCycle: (input) => inputs.push(input),
    onDeliver: () => true,
    onRefused: () => {},
  });
  const id = agentId('x');
  host.add(new Agent({ id, model, active: ['work'] }));
  return { host, id, inputs };
}

const seen = percept(perceptType<boolean>('seen'), 'it', true);

test('what has come before a late agent looks at its clock came before the deadline, once', () => {
  const { clock, pass, turn } = busyClock();
  const { host, id, inputs } = hostOf(clock);
  turn();
  host.post(id, { kind: 'goal', goal: 'sleepy', args: { n: 1 }, from: 'test' });
  for (const ms of [1, 2, 3, 4]) {
    pass(ms);
    turn();
  }
  const slept = inputs.at(-1)?.tMs ?? Number.NaN;
  inputs.length = 0;
  // Its deadline is within 100 ms of its last cycle; the machine gives it no turn before 150.
  pass(150);
  turn();
  expect(inputs, 'it has not yet looked: sockets are read first').toEqual([]);
  host.post(id, seen);
  turn();
  expect(inputs.map((each) => each.events)).toEqual([[seen]]);
  const asOf = inputs[0]?.tMs ?? Number.NaN;
  expect(asOf).toBeGreaterThanOrEqual(slept);
  expect(asOf, 'before its deadline').toBeLessThan(slept + 100);
  // More that comes does not put the deadline off again.
  host.post(id, seen);
  turn();
  turn();
  expect(inputs[1]).toMatchObject({ tMs: 150, events: [seen] });
});

test('an agent that is not late is given the time of its clock', () => {
  const { clock, pass, turn } = busyClock();
  const { host, id, inputs } = hostOf(clock);
  turn();
  inputs.length = 0;
  pass(10);
  host.post(id, seen);
  pass(30);
  turn();
  expect(inputs).toMatchObject([{ tMs: 30, events: [seen] }]);
});
