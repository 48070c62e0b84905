import { expect, it } from 'vitest';
import { tracing } from './tracing.ts';

it('says who may trace, as the kernel is set; without Yama as if it were 0', () => {
  const none = (): string => {
    throw new Error('ENOENT');
  };
  expect(tracing(() => '3\n').detail).toContain('nobody may trace');
  expect(tracing(() => '3\n').mend).toBeUndefined();
  expect(tracing(() => '2\n').detail).toMatch(/^root may trace/);
  for (const read of [() => '1\n', () => '0\n', none])
    expect(tracing(read)).toMatchObject({ available: true, mend: expect.stringContaining('ptrace_scope=3') });
});
