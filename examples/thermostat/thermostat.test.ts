import { expect, test } from 'vitest';
import type { Effect } from '../../src/core/bdi/event.ts';
import { percept } from '../../src/core/bdi/event.ts';
import type { TraceEntry } from '../../src/core/bdi/trace.ts';
import { createThermostat, temperature } from './thermostat.ts';

const actions = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'act' ? [effect.action.kind] : []));

test('a cold room is heated until it is warm, and again when it cools down', () => {
  const trace: TraceEntry[] = [];
  const agent = createThermostat({ push: (entry) => trace.push(entry) });
  agent.post({ kind: 'goal', goal: 'roomWarm', args: { room: 'hall' }, from: 'tenant' });
  agent.post(percept(temperature, 'hall', 15));
  const [heater] = agent.cycle(0);
  expect(heater?.kind === 'act' && heater.action.kind).toBe('heater-on');
  if (heater?.kind !== 'act') return;
  agent.post({ kind: 'result', token: heater.token, outcome: { ok: true, value: null } });
  expect(actions(agent.cycle(10))).toEqual([]);
  agent.post(percept(temperature, 'hall', 21));
  expect(actions(agent.cycle(20))).toEqual(['heater-off']);
  agent.post(percept(temperature, 'hall', 17));
  const again = [...agent.cycle(30), ...agent.cycle(31)];
  expect(actions(again)).toEqual(['heater-on']);
  const why = trace.filter((entry) => entry.draft.kind === 'belief').map((entry) => entry.draft.reason);
  expect(why).toEqual(['15 degrees, under 19', '21 degrees', '17 degrees, under 19']);
});
