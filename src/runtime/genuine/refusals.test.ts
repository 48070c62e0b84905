import { expect, it } from 'vitest';
import { Refusals } from './refusals.ts';

it('a flood of refusals is told twenty times a second and then counted, each site by itself', () => {
  let nowMs = 0;
  const told: string[] = [];
  const refusals = new Refusals({ nowMs: () => nowMs, onFault: (...fault) => told.push(fault.join(' ')) });
  for (let i = 0; i < 5000; i++) refusals.tell('west', 'hello-refused', 'somebody', 'r');
  refusals.tell('east', 'hello-refused', 'a1', 'r');
  expect(told).toHaveLength(21);
  nowMs = 1000;
  refusals.tell('west', 'hello-refused', 'a2', 'r');
  expect(told.slice(21)).toEqual([
    'refusals west west has refused 4980 more (hello-refused)',
    'hello-refused a2 r',
  ]);
});

it('a flood of one kind hides nothing of another', () => {
  const told: string[] = [];
  const refusals = new Refusals({ nowMs: () => 0, onFault: (...fault) => told.push(fault.join(' ')) });
  for (let i = 0; i < 100; i++) refusals.tell('west', 'frame-refused', 'a1', 'expired');
  refusals.tell('west', 'hello-refused', 'a2', 'it is not attested any more: cut off');
  expect(told.at(-1)).toBe('hello-refused a2 it is not attested any more: cut off');
});
