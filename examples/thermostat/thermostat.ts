import { Agent } from '../../src/core/bdi/agent.ts';
import { compileModel } from '../../src/core/bdi/agent-model.ts';
import { beliefType, believe, deny } from '../../src/core/bdi/belief.ts';
import { capability } from '../../src/core/bdi/capability.ts';
import { perceived, perceptType } from '../../src/core/bdi/event.ts';
import { goalType } from '../../src/core/bdi/goal.ts';
import { definePlan, done, fail, wait } from '../../src/core/bdi/plan.ts';
import type { TraceSink } from '../../src/core/bdi/trace.ts';
import { agentId } from '../../src/protocol/ids.ts';

/** What is perceived, believed and wanted: nothing here knows of networks. */
export const temperature = perceptType<number>('temperature');
export const cold = beliefType<{ celsius: number }>('cold');
const roomWarm = goalType<{ room: string }>('roomWarm', 'maintain', ['room']);
const COMFORT_CELSIUS = 19;

/** Heats, and looks again once the heater has answered; the maintained goal starts it anew while it is still cold. */
const heat = definePlan(roomWarm, 'heat', {
  unless: (beliefs, { room }) => (beliefs.isTrue(cold, room) ? undefined : 'it is not cold'),
  steps: {
    on: ({ args }) =>
      wait({ kind: 'act', action: { kind: 'heater-on', room: args.room }, reason: 'too cold' }, 'warm', {
        timeoutMs: 1000,
      }),
    warm: ({ result }) => (result.ok ? wait({ kind: 'guard' }, 'off') : fail(result.error)),
    off: ({ args }) =>
      done(undefined, [
        { kind: 'act', action: { kind: 'heater-off', room: args.room }, reason: 'warm enough' },
      ]),
  },
  guards: { off: (beliefs, { room }) => beliefs.isFalse(cold, room) },
});

const heating = capability({
  name: 'heating',
  offers: [roomWarm],
  goals: [
    {
      goal: roomWarm,
      plans: [heat],
      achieved: (beliefs, { room }) => beliefs.isFalse(cold, room),
      retry: { times: 3, backoffMs: 500 },
    },
  ],
  reviseBeliefs: (event) => {
    const celsius = perceived(temperature, event);
    if (celsius === undefined) return [];
    return celsius < COMFORT_CELSIUS
      ? [believe(cold, event.subject, { celsius }, `${celsius} degrees, under ${COMFORT_CELSIUS}`)]
      : [deny(cold, event.subject, `${celsius} degrees`, { celsius })];
  },
});

/** A thermostat: give it `temperature` percepts and the goal `roomWarm`, and carry out what it asks for. */
export function createThermostat(sink?: TraceSink): Agent {
  const model = compileModel({ capabilities: [heating] });
  return new Agent({
    id: agentId('thermostat'),
    model,
    active: ['heating'],
    ...(sink === undefined ? {} : { sink }),
  });
}
