import { createMemoryBus } from '../../src/adapters/bus-memory/memory-bus.ts';
import { createRealClock } from '../../src/adapters/clock-real/real-clock.ts';
import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import { linkRateLimited } from '../../src/capabilities/defence-goals.ts';
import { rateLimiter } from '../../src/capabilities/rate-limiter/rate-limiter.ts';
import { inForce } from '../../src/capabilities/rate-limiter/rules-in-force.ts';
import { Agent } from '../../src/core/bdi/agent.ts';
import { compileModel } from '../../src/core/bdi/agent-model.ts';
import { capability } from '../../src/core/bdi/capability.ts';
import type { GoalOutcome } from '../../src/core/bdi/goal.ts';
import { goalType } from '../../src/core/bdi/goal.ts';
import { definePlan, done, next } from '../../src/core/bdi/plan.ts';
import { agentId } from '../../src/protocol/ids.ts';
import { AgentHost } from '../../src/runtime/agent-host.ts';

const UNRELATED = [0, 50, 100, 200, 400, 800];
const RUNS = 25;
const STEP_MS = 1;
const unrelated = goalType<{ id: number; workMs: number }>('unrelated', 'achieve', ['id']);

/** Work that keeps the processor busy for as long as the goal says, a millisecond a step, as a real plan would be cut. */
const compute = definePlan(unrelated, 'compute', {
  steps: {
    work: ({ args, locals }) => {
      const doneMs = Number(locals['doneMs'] ?? 0);
      if (doneMs >= args.workMs) return done();
      const until = performance.now() + STEP_MS;
      while (performance.now() < until);
      return next('work', { doneMs: doneMs + STEP_MS });
    },
  },
});

/**
 * Figure 9: ms from the moment at which the rate limiter's agent is asked to limit a link until it is done, behind unrelated
 * goals of 0 to 100 ms of work each, all begun before. The real rate limiter capability; the data plane answers at once.
 */
export async function figure9(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const random = createSeededRandom(9);
  for (const goals of UNRELATED) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      times.push(await throttleBehind(Array.from({ length: goals }, () => random.below(101))));
    }
    times.sort((a, b) => a - b);
    figures[`median${goals}`] = times[times.length >> 1] ?? Number.NaN;
    figures[`p99_${goals}`] = times[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN;
  }
  const first = figures[`median${UNRELATED[0]}`] ?? Number.NaN;
  const most = UNRELATED[UNRELATED.length - 1] ?? 1;
  figures['slopeMsPerGoal'] = ((figures[`median${most}`] ?? Number.NaN) - first) / most;
  return figures;
}

async function throttleBehind(workMs: readonly number[]): Promise<number> {
  const clock = createRealClock({ startAtMs: 0 });
  const busy = capability({ name: 'busy', offers: [], goals: [{ goal: unrelated, plans: [compute] }] });
  const id = agentId('a1');
  const agent = new Agent({
    id,
    // Steps of a millisecond want a small slice: one of them, then news is taken.
    model: compileModel({ capabilities: [rateLimiter, busy], limits: { stepsPerCycle: 1 } }),
    active: ['rate-limiter', 'busy'],
  });
  let rulesSet = 0;
  const host = new AgentHost({
    clock,
    bus: createMemoryBus(clock, 0),
    thinkMs: 0,
    onAct: (_, { token, action }) => {
      if (action.kind === 'limit-link') rulesSet++;
      if (token === 0) return;
      const outcome: GoalOutcome = { ok: true, value: action.kind === 'measure' ? { sources: [] } : null };
      setImmediate(() => host.post(id, { kind: 'result', token, outcome }));
    },
    onAbort: () => {},
    onCycle: () => {},
    onDeliver: () => true,
    onRefused: () => {
      throw new Error('the mailbox is full');
    },
  });
  host.add(agent);
  workMs.forEach((ms, at) => {
    host.post(id, { kind: 'goal', goal: unrelated.name, args: { id: at, workMs: ms }, from: 'bench' });
  });
  // Let the unrelated goals get under way.
  await clock.passUntil(workMs.length === 0 ? 2 : 20);
  const begun = performance.now();
  host.post(id, {
    kind: 'goal',
    goal: linkRateLimited.name,
    args: { link: 's1>s2', rateBytesPerSec: 300_000, award: 'bench' },
    priority: 6,
    from: 'bench',
  });
  while (agent.state.beliefs.all(inForce).length === 0) await new Promise(setImmediate);
  const tookMs = performance.now() - begun;
  host.stopAll();
  clock.close();
  if (rulesSet !== 1) throw new Error(`${rulesSet} limits were set`);
  return tookMs;
}
