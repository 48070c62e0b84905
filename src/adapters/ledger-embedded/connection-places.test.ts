import { expect, it } from 'vitest';
import { createPlaces } from './connection-places.ts';

let now = 0;
const places = () => {
  now = 0;
  return createPlaces<string>({ most: 3, idleMs: 5000, nowMs: () => now });
};

it('turns away nobody while there is room', () => {
  const { enter, leave } = places();
  expect(['a', 'b', 'c'].map(enter)).toEqual([undefined, undefined, undefined]);
  leave('a');
  expect(enter('d')).toBeUndefined();
});

it('makes room by those that have said nothing, the oldest first, and spares who asks', () => {
  const { enter, asked } = places();
  enter('guard');
  asked('guard');
  enter('silent 1');
  enter('silent 2');
  expect(enter('newcomer')).toBe('silent 1');
  // What it still says gives it no place.
  asked('silent 1');
  asked('newcomer');
  expect(enter('silent 3')).toBe('silent 2');
});

it('takes the place of who has asked once and is idle since, never of who still asks', () => {
  const { enter, asked } = places();
  for (const each of ['idle', 'guard', 'daemon']) {
    enter(each);
    asked(each);
  }
  now = 4999;
  expect(enter('early')).toBe('early');
  asked('guard');
  now = 5000;
  expect(enter('newcomer')).toBe('idle');
});
