import { describe, expect, test } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import { Agent } from './agent.ts';
import { compileModel } from './agent-model.ts';
import { beliefType, believe, deny } from './belief.ts';
import { capability } from './capability.ts';
import { perceived, percept, perceptType } from './event.ts';
import type { AnyGoalDecl } from './goal.ts';
import { goalType } from './goal.ts';
import { mindOf } from './mind.ts';
import { definePlan, done, fail, wait } from './plan.ts';
import { restoreAgent, takeSnapshot } from './snapshot.ts';
import type { TraceEntry } from './trace.ts';

const warm = beliefType('warm');
const degrees = perceptType<number>('degrees');
const keepWarm = goalType('keepWarm', 'maintain');
const knowWarm = goalType('knowWarm', 'query');
const shout = goalType<{ n: number }>('shout', 'perform', ['n']);
const built = goalType<{ n: number }>('built', 'achieve', ['n']);
const brick = goalType<{ n: number }>('brick', 'achieve', ['n']);

/** An agent that believes it is warm from 20 degrees on. */
function agentWith(goals: readonly AnyGoalDecl[]) {
  const trace: TraceEntry[] = [];
  const model = compileModel({
    capabilities: [
      capability({
        name: 'home',
        offers: [],
        goals,
        reviseBeliefs: (event) => {
          const value = perceived(degrees, event);
          if (value === undefined) return [];
          return [
            value >= 20 ? believe(warm, 'self', undefined, `${value}`) : deny(warm, 'self', `${value}`),
          ];
        },
      }),
    ],
  });
  const sink = { push: (entry: TraceEntry) => trace.push(entry) };
  const agent = new Agent({ id: agentId('x'), model, active: ['home'], sink });
  const feel = (value: number) => agent.post(percept(degrees, 'self', value));
  const run = (nowMs: number, subject = agent) => {
    const effects = [...subject.cycle(nowMs)];
    while (subject.nextWakeMs() <= nowMs) effects.push(...subject.cycle(nowMs));
    return effects;
  };
  const want = (goal: string, n = 1) => agent.post({ kind: 'goal', goal, args: { n }, from: 'test' });
  return { agent, model, sink, trace, feel, run, want };
}

const heat = definePlan(keepWarm, 'heat', {
  steps: {
    on: () => wait({ kind: 'act', action: { kind: 'heater', on: true }, reason: 'too cold' }, 'off'),
    off: () => done(),
  },
});

describe('a maintained goal', () => {
  const decl = {
    goal: keepWarm,
    plans: [heat],
    achieved: (beliefs) => beliefs.isTrue(warm, 'self'),
  } satisfies AnyGoalDecl;

  test('is worked for whenever its condition is broken, rests while it holds, and ends only when it is dropped', () => {
    const { agent, feel, run, want } = agentWith([decl]);
    want('keepWarm');
    feel(22);
    expect(run(0)).toEqual([]);
    expect(mindOf(agent).goals).toMatchObject([{ goal: 'keepWarm()', status: 'idle' }]);
    for (const round of [1, 2, 3]) {
      feel(15);
      const [effect] = run(round * 100);
      expect(effect).toMatchObject({ kind: 'act', action: { kind: 'heater' } });
      feel(22);
      if (effect?.kind === 'act')
        agent.post({ kind: 'result', token: effect.token, outcome: { ok: true, value: null } });
      expect(run(round * 100 + 50)).toEqual([]);
      expect(mindOf(agent).goals).toMatchObject([{ status: 'idle' }]);
    }
    agent.post({ kind: 'drop-goal', key: 'keepWarm()', from: 'test' });
    feel(10);
    expect(run(1000)).toEqual([]);
    expect(mindOf(agent).goals).toEqual([]);
  });
});

test('a query ends with the answer as soon as it is believed, whichever it is, however it came to be known', () => {
  const look = definePlan(knowWarm, 'look', {
    steps: {
      ask: () => wait({ kind: 'act', action: { kind: 'look' }, reason: 'unknown' }, 'told'),
      told: () => done(),
    },
  });
  const decl = {
    goal: knowWarm,
    plans: [look],
    achieved: (beliefs) => !beliefs.isUnknown(warm, 'self'),
  } satisfies AnyGoalDecl;
  for (const value of [10, 25]) {
    const { agent, feel, run, want } = agentWith([decl]);
    want('knowWarm');
    expect(run(0)).toMatchObject([{ kind: 'act' }]);
    feel(value);
    // It was found out by itself: what was begun is called back.
    expect(run(1)).toMatchObject([{ kind: 'abort' }]);
    expect(agent.state.counters.goalsAchieved).toBe(1);
  }
});

test('a goal to perform something is done once, and a failure of its plan is the end of it', () => {
  let tried = 0;
  const plans = ['first', 'second'].map((name) =>
    definePlan(shout, name, {
      steps: {
        go: () => {
          tried++;
          return fail('hoarse');
        },
      },
    }),
  );
  const [first, second] = plans;
  if (first === undefined || second === undefined) throw new Error('two plans');
  const { agent, run, want } = agentWith([{ goal: shout, plans: [first, second] }]);
  want('shout');
  run(0);
  expect(tried).toBe(1);
  expect(agent.state.counters.goalsFailed).toBe(1);
});

describe('subgoals', () => {
  const lay = definePlan(brick, 'lay', {
    steps: {
      go: ({ args }) =>
        args.n === 13 ? fail('no thirteenth brick') : wait({ kind: 'time', untilMs: 100 }, 'there'),
      there: () => done('laid'),
    },
  });
  const build = definePlan(built, 'build', {
    steps: {
      one: ({ args }) => wait({ kind: 'pursue', goal: brick, args: { n: args.n } }, 'all'),
      all: ({ result }) => (result.ok ? done(result.value) : fail(`no brick: ${result.error}`)),
    },
  });

  test('fail upwards with the cause', () => {
    const { trace, run, want } = agentWith([
      { goal: built, plans: [build] },
      { goal: brick, plans: [lay] },
    ]);
    want('built', 13);
    run(0);
    const failed = trace.flatMap(({ draft }) =>
      draft.kind === 'goal' && draft.status === 'failed' ? [draft] : [],
    );
    expect(failed.map((each) => each.goal)).toEqual(['brick(13)', 'built(13)']);
    expect(failed[1]?.reason).toBe('no brick: no thirteenth brick');
  });

  test('go with the goal that wanted them, unless somebody else wants them too', () => {
    const { agent, run, want } = agentWith([
      { goal: built, plans: [build] },
      { goal: brick, plans: [lay] },
    ]);
    want('built', 1);
    run(0);
    expect(mindOf(agent).goals.map((each) => each.goal)).toEqual(['built(1)', 'brick(1)']);
    agent.post({ kind: 'drop-goal', key: 'built(1)', from: 'test' });
    run(1);
    expect(mindOf(agent).goals).toEqual([]);
  });
});

test('a forked agent goes its own way; the one it was forked from is not touched, and both reason deterministically', () => {
  const stepwise = definePlan(built, 'stepwise', {
    steps: {
      first: () => wait({ kind: 'act', action: { kind: 'dig' }, reason: 'foundation' }, 'second'),
      second: ({ result }) => (result.ok ? done() : fail(result.error)),
    },
  });
  const { agent, model, sink, run, want } = agentWith([{ goal: built, plans: [stepwise] }]);
  want('built');
  const [effect] = run(0);
  if (effect?.kind !== 'act') throw new Error('it asks for an action');
  const before = JSON.stringify(takeSnapshot(agent));
  const fork = restoreAgent({ model, sink }, takeSnapshot(agent));
  fork.post({ kind: 'result', token: effect.token, outcome: { ok: false, error: 'rock' } });
  // The step that was done is not done again: the fork asks for nothing.
  expect(run(1, fork)).toEqual([]);
  expect(fork.state.counters.goalsFailed).toBe(1);
  expect(JSON.stringify(takeSnapshot(agent))).toBe(before);
  agent.post({ kind: 'result', token: effect.token, outcome: { ok: true, value: null } });
  run(1);
  expect(agent.state.counters.goalsAchieved).toBe(1);
});

test('a snapshot is refused by a model that does not know its goals or steps', () => {
  const { agent, run, want } = agentWith([
    {
      goal: built,
      plans: [definePlan(built, 'slow', { steps: { go: () => wait({ kind: 'time', untilMs: 9 }, 'go') } })],
    },
  ]);
  want('built');
  run(0);
  const other = compileModel({ capabilities: [capability({ name: 'home', offers: [], goals: [] })] });
  expect(() => restoreAgent({ model: other }, takeSnapshot(agent))).toThrow(RangeError);
});
