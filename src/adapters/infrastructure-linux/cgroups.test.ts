import { expect, test } from 'vitest';
import { findCgroups } from './cgroups.ts';

const one = (controller: string) =>
  `cgroup /sys/fs/cgroup/${controller} cgroup rw,relatime,${controller} 0 0\n`;
const two = (at: string) => `cgroup2 ${at} cgroup2 rw,relatime 0 0\n`;
const rootsOf = ({ controllers }: ReturnType<typeof findCgroups>) =>
  Object.entries(controllers).map(([name, { version, root }]) => `${name} ${version} ${root}`);

test('version 2 with all controllers is one hierarchy', () => {
  const found = findCgroups(two('/sys/fs/cgroup'), () => 'cpuset cpu io memory pids\n');
  expect(rootsOf(found)).toEqual(
    ['cpu', 'memory', 'pids', 'cpuacct'].map((each) => `${each} 2 /sys/fs/cgroup`),
  );
});

test('version 1 has one for each, beside a version 2 without controllers', () => {
  const mounts = ['cpu', 'cpuacct', 'memory', 'pids'].map(one).join('') + two('/sys/fs/cgroup/unified');
  const found = findCgroups(mounts, () => '\n');
  expect(found.unified).toBe('/sys/fs/cgroup/unified');
  expect(rootsOf(found)).toEqual(
    ['cpu', 'memory', 'pids', 'cpuacct'].map((each) => `${each} 1 /sys/fs/cgroup/${each}`),
  );
});

test('two controllers mounted together are found under either name', () => {
  const mounts = `cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n${one('memory')}${one('pids')}`;
  expect(rootsOf(findCgroups(mounts))[3]).toBe('cpuacct 1 /sys/fs/cgroup/cpu,cpuacct');
});

test('what is not there is named', () => {
  expect(() => findCgroups(one('cpu') + one('cpuacct'))).toThrow('there is no memory controller');
});
