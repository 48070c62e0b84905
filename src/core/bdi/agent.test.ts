import { describe, expect, test } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import { Agent } from './agent.ts';
import { compileModel } from './agent-model.ts';
import { beliefType, believe, deny } from './belief.ts';
import type { Capability } from './capability.ts';
import { adopt, capability } from './capability.ts';
import { perceived, percept, perceptType } from './event.ts';
import type { AnyGoalDecl } from './goal.ts';
import { goalType } from './goal.ts';
import { definePlan, done, fail, next, wait } from './plan.ts';
import type { TraceEntry } from './trace.ts';

const job = goalType<{ n: number }>('job', 'achieve', ['n']);
const urgent = goalType<{ n: number }>('urgent', 'achieve', ['n']);
const flag = beliefType<number>('flag');
const seen = perceptType<boolean>('seen');

function agentWith(goals: readonly AnyGoalDecl[], more: Partial<Capability> = {}, limits = {}) {
  const trace: TraceEntry[] = [];
  const cap = capability({ name: 'work', offers: [], goals, ...more });
  const agent = new Agent({
    id: agentId('x'),
    model: compileModel({ capabilities: [cap], limits }),
    active: ['work'],
    sink: { push: (entry) => trace.push(entry) },
  });
  const ask = (goal: string, n: number, priority?: number) =>
    agent.post({
      kind: 'goal',
      goal,
      args: { n },
      from: 'test',
      ...(priority === undefined ? {} : { priority }),
    });
  const settle = (fromMs = 0, cycles = 50) => {
    const effects = [];
    for (let i = 0; i < cycles; i++) effects.push(...agent.cycle(fromMs));
    return effects;
  };
  const statuses = (kind: 'goal' | 'intention') =>
    trace.flatMap(({ draft }) => (draft.kind === kind && 'status' in draft ? [draft.status] : []));
  return { agent, trace, ask, settle, statuses };
}

const looks = (event: Parameters<NonNullable<Capability['reviseBeliefs']>>[0]) => {
  const value = perceived(seen, event);
  if (value === undefined) return [];
  return [value ? believe(flag, 'self', 1, 'seen') : deny(flag, 'self', 'not seen')];
};

describe('intentions', () => {
  test('a long plan does not hold up a more urgent goal, and goes on at the step it had reached', () => {
    const order: string[] = [];
    const steps = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [
        `s${i}`,
        () => {
          order.push(`long ${i}`);
          return i === 9 ? done() : next(`s${i + 1}`);
        },
      ]),
    );
    const long = { goal: job, plans: [definePlan(job, 'long', { steps })] as const };
    const quick = definePlan(urgent, 'quick', {
      steps: {
        go: () => {
          order.push('urgent');
          return done();
        },
      },
    });
    const { agent, ask, settle, statuses } = agentWith(
      [long, { goal: urgent, plans: [quick] }],
      {},
      { stepsPerCycle: 3 },
    );
    ask('job', 1);
    agent.cycle(0);
    ask('urgent', 1, 9);
    settle();
    expect(order).toEqual([
      'long 0',
      'long 1',
      'long 2',
      'urgent',
      ...Array.from({ length: 7 }, (_, i) => `long ${i + 3}`),
    ]);
    expect(statuses('intention')).toEqual(expect.arrayContaining(['preempted', 'resumed']));
  });

  test('goals of equal priority share the cycle fairly', () => {
    const order: number[] = [];
    const plan = definePlan(job, 'two', {
      steps: {
        a: ({ args }) => {
          order.push(args.n);
          return next('b');
        },
        b: ({ args }) => {
          order.push(args.n);
          return done();
        },
      },
    });
    const { ask, settle } = agentWith([{ goal: job, plans: [plan] }]);
    for (const n of [1, 2, 3]) ask('job', n);
    settle();
    expect(order).toEqual([1, 2, 3, 1, 2, 3]);
  });

  test('an old goal of low priority is not starved by new urgent ones', () => {
    const order: string[] = [];
    const note = (name: string) => ({
      steps: {
        go: () => {
          order.push(name);
          return done();
        },
      },
    });
    const { agent, ask } = agentWith(
      [
        { goal: job, plans: [definePlan(job, 'j', note('old'))] },
        { goal: urgent, plans: [definePlan(urgent, 'u', note('new'))] },
      ],
      {},
      { stepsPerCycle: 1, ageingMs: 100 },
    );
    ask('job', 1, 0);
    for (let i = 0; i < 30; i++) {
      ask('urgent', i, 5);
      agent.cycle(i * 100);
    }
    expect(order.indexOf('old')).toBeGreaterThan(0);
    expect(order.indexOf('old')).toBeLessThan(12);
  });
});

describe('failure', () => {
  test('the next best plan is tried, then the goal starts over after a back-off, then it fails for its asker', () => {
    const tried: string[] = [];
    const failing = (name: string, cost: number) =>
      definePlan(job, name, {
        cost: () => cost,
        steps: {
          go: () => {
            tried.push(name);
            return fail('no');
          },
        },
      });
    const { agent, ask, settle, statuses } = agentWith([
      { goal: job, plans: [failing('dear', 2), failing('cheap', 1)], retry: { times: 1, backoffMs: 100 } },
    ]);
    ask('job', 1);
    settle(0);
    expect(tried).toEqual(['cheap', 'dear']);
    expect(agent.nextWakeMs()).toBe(100);
    settle(100);
    expect(tried).toEqual(['cheap', 'dear', 'cheap', 'dear']);
    expect(statuses('goal').at(-1)).toBe('failed');
  });

  test('a step that throws is a failed step, not a dead agent', () => {
    const plan = definePlan(job, 'bad', {
      steps: {
        go: () => {
          throw new Error('boom');
        },
      },
    });
    const { ask, settle, trace } = agentWith([{ goal: job, plans: [plan] }]);
    ask('job', 1);
    settle();
    expect(trace.some(({ draft }) => draft.reason.includes('boom'))).toBe(true);
  });

  test('what a step waits for has a deadline: its action is called back and the plan goes on with a failure', () => {
    let error = '';
    const plan = definePlan(job, 'slow', {
      steps: {
        ask: () => wait({ kind: 'act', action: { kind: 'dig' }, reason: 'x' }, 'after', { timeoutMs: 50 }),
        after: ({ result }) => {
          error = result.ok ? '' : result.error;
          return done();
        },
      },
    });
    const { ask, settle } = agentWith([{ goal: job, plans: [plan] }]);
    ask('job', 1);
    expect(settle(0).map((effect) => effect.kind)).toEqual(['act']);
    expect(settle(50).map((effect) => effect.kind)).toEqual(['abort']);
    expect(error).toBe('timed out');
  });
});

describe('goals', () => {
  test('one that is achieved by others, or becomes impossible, is dropped with what had begun for it', () => {
    const plan = definePlan(job, 'dig', {
      steps: {
        ask: () => wait({ kind: 'act', action: { kind: 'dig' }, reason: 'x' }, 'end'),
        end: () => done(),
      },
      onAbort: () => [{ kind: 'act', action: { kind: 'tidy' }, reason: 'aborted' }],
    });
    const decl = {
      goal: job,
      plans: [plan] as const,
      achieved: (beliefs: { isTrue(type: typeof flag, subject: string): boolean }) =>
        beliefs.isTrue(flag, 'self'),
    };
    const { agent, ask, settle, statuses } = agentWith([decl], { reviseBeliefs: looks });
    ask('job', 1);
    settle();
    agent.post(percept(seen, 'self', true));
    const effects = settle(1);
    expect(effects.map((effect) => (effect.kind === 'act' ? effect.action.kind : effect.kind))).toEqual([
      'abort',
      'tidy',
    ]);
    expect(statuses('goal').at(-1)).toBe('achieved');
  });

  test('cardinality and inhibition hold options back until they may be pursued', () => {
    const plan = definePlan(job, 'hold', {
      steps: {
        go: () => wait({ kind: 'act', action: { kind: 'dig' }, reason: 'x' }, 'end'),
        end: () => done(),
      },
    });
    const { agent, ask, settle } = agentWith(
      [
        {
          goal: job,
          plans: [plan],
          cardinality: 1,
          inhibited: (beliefs) => (beliefs.isTrue(flag, 'self') ? 'flagged' : undefined),
        },
      ],
      { reviseBeliefs: looks },
    );
    agent.post(percept(seen, 'self', true));
    ask('job', 1);
    ask('job', 2);
    expect(settle()).toEqual([]);
    agent.post(percept(seen, 'self', false));
    const [first] = settle(1);
    expect(first?.kind).toBe('act');
    if (first?.kind !== 'act') return;
    agent.post({ kind: 'result', token: first.token, outcome: { ok: true, value: null } });
    expect(settle(2).map((effect) => effect.kind)).toEqual(['act']);
  });

  test('a deadline ends a goal that is waiting', () => {
    const plan = definePlan(job, 'never', {
      steps: { a: () => wait({ kind: 'guard' }, 'b'), b: () => done() },
      guards: { b: () => false },
    });
    const { ask, settle, statuses } = agentWith([{ goal: job, plans: [plan], deadlineMs: 100 }]);
    ask('job', 1);
    settle(0);
    settle(100);
    expect(statuses('goal').at(-1)).toBe('expired');
  });
});

describe('beliefs', () => {
  test('are true, false or unknown, and fall back to unknown when they run out', () => {
    const fleeting = beliefType<number>('fleeting', { ttlMs: 100 });
    const { agent } = agentWith([], {
      reviseBeliefs: (event) =>
        perceived(seen, event) === undefined ? [] : [believe(fleeting, 'self', 1, 'seen')],
    });
    const truth = () => agent.state.beliefs.truth(fleeting, 'self');
    expect(truth()).toBe('unknown');
    agent.post(percept(seen, 'self', true));
    agent.cycle(0);
    expect(truth()).toBe('true');
    agent.post(percept(seen, 'self', true));
    agent.cycle(60);
    agent.cycle(120);
    expect(truth()).toBe('true');
    agent.cycle(160);
    expect(truth()).toBe('unknown');
  });

  test('options are generated from beliefs, with the belief as their cause', () => {
    const plan = definePlan(job, 'do', { steps: { go: () => done() } });
    const { agent, settle, trace } = agentWith([{ goal: job, plans: [plan] }], {
      reviseBeliefs: looks,
      generateOptions: (beliefs) =>
        beliefs.isTrue(flag, 'self') ? [adopt(job, { n: 1 }, 'flagged', ['flag(self)'])] : [],
    });
    agent.post(percept(seen, 'self', true));
    agent.cycle(0);
    const belief = trace.find(({ draft }) => draft.kind === 'belief');
    const goal = trace.find(({ draft }) => draft.kind === 'goal');
    expect(goal?.because).toEqual([belief?.id]);
    settle(1, 3);
  });
});

test('a full mailbox refuses and counts, but takes the results of own actions', () => {
  const { agent } = agentWith([], {}, { mailbox: 2 });
  expect([1, 2, 3].map(() => agent.post(percept(seen, 'self', true)))).toEqual([true, true, false]);
  expect(agent.post({ kind: 'result', token: 1, outcome: { ok: true, value: null } })).toBe(true);
  expect(agent.state.counters.refused).toBe(1);
});

test('a goal with neither plans nor an auction does not compile', () => {
  // @ts-expect-error: neither plans nor auction
  const decl: AnyGoalDecl = { goal: job };
  expect(decl.goal).toBe(job);
});
