import { expect, test } from 'vitest';
import { WithheldMeter } from './withheld-time.ts';

const stat = (user: number, idle: number, steal: number) =>
  `cpu  ${user} 0 0 ${idle} 0 0 0 ${steal} 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n`;

test('tells the share that was withheld in all, and in the worst stretch', () => {
  let text = stat(100, 900, 50);
  const meter = new WithheldMeter({ read: () => text });
  text = stat(150, 950, 50);
  meter.sample();
  text = stat(160, 960, 130);
  meter.sample();
  text = stat(210, 1010, 130);
  expect(meter.stop()).toEqual({ share: 0.267, worstSecondShare: 0.8 });
});

test.each([
  ['is not there', () => undefined],
  ['is of a system that does not count it', () => 'cpu  1 2 3 4\n'],
  ['is something else', () => 'intr 1 2 3 4 5 6 7 8 9\n'],
])('says nothing where /proc/stat %s', (_, read) => {
  const meter = new WithheldMeter({
    read: () => {
      const text = read();
      if (text === undefined) throw new Error('ENOENT');
      return text;
    },
  });
  meter.sample();
  expect(meter.stop()).toBeUndefined();
});
