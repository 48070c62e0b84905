import { expect, it } from 'vitest';
import { RoundsUnderWay } from './rounds-under-way.ts';

it('what is known of a round is forgotten when it is over, however many there have been', () => {
  let last = 0;
  const rounds = new RoundsUnderWay<string>((round) => round > last - 2);
  for (let round = 1; round <= 1000; round++) {
    last = round;
    rounds.set(round, `of ${round}`);
    expect(rounds.get(round)).toBe(`of ${round}`);
    expect(rounds.size).toBeLessThanOrEqual(2);
  }
  rounds.set(3, 'too late');
  expect(rounds.get(3)).toBeUndefined();
  expect(rounds.get(999)).toBe('of 999');
});
