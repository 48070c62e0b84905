import { existsSync, readdirSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import { describeDataPlane } from './data-plane-suite.ts';

afterAll(() => {
  const own = `muster-${process.pid}-`;
  const left = existsSync('/run/netns')
    ? readdirSync('/run/netns').filter((name) => name.startsWith(own))
    : [];
  expect(left).toEqual([]);
});

describeDataPlane('linux');
