import { createActor, setup } from 'xstate';
import { ratePerSecond } from '../workloads/rate.ts';

/** A machine that takes a goal up and comes to its end by itself: two transitions and an action for each event. */
function machine(onDone: () => void) {
  return setup({
    types: { events: {} as { type: 'GOAL'; n: number } },
    actions: { count: onDone },
  }).createMachine({
    initial: 'idle',
    states: {
      idle: { on: { GOAL: 'working' } },
      working: { entry: 'count', always: 'idle' },
    },
  });
}

/** One actor: events taken and worked off, per second. */
export function xstateOneAgent(): Record<string, number> {
  let done = 0;
  const actor = createActor(machine(() => done++)).start();
  const rate = ratePerSecond(() => {
    const before = done;
    for (let n = 0; n < 50; n++) actor.send({ type: 'GOAL', n });
    return done - before;
  });
  return { perSecond: rate };
}

/** A thousand actors in turn: events of all, per second. */
export function xstateManyAgents(): Record<string, number> {
  let done = 0;
  const logic = machine(() => done++);
  const actors = Array.from({ length: 1000 }, () => createActor(logic).start());
  const rate = ratePerSecond(() => {
    const before = done;
    for (const actor of actors) for (let n = 0; n < 10; n++) actor.send({ type: 'GOAL', n });
    return done - before;
  });
  return { perSecond: rate };
}
