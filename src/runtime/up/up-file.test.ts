import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeMusterHome } from './up-file.ts';

const directories: string[] = [];

afterEach(() => {
  vi.unstubAllEnvs();
  for (const each of directories.splice(0)) rmSync(each, { recursive: true });
});

describe('the directory that MUSTER_HOME names', () => {
  test('is made with the parents that it lacks, for its user alone', () => {
    const parent = mkdtempSync(join(tmpdir(), 'muster-home-'));
    directories.push(parent);
    vi.stubEnv('MUSTER_HOME', join(parent, 'of', 'mine'));
    const home = makeMusterHome();
    expect(home).toBe(join(parent, 'of', 'mine'));
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(makeMusterHome()).toBe(home);
  });

  test('is refused where nothing can be made, and says what to set', () => {
    vi.stubEnv('MUSTER_HOME', '/proc/muster-test/home');
    expect(makeMusterHome).toThrow(
      expect.objectContaining({ code: 'CANNOT_WRITE', hint: expect.stringContaining('MUSTER_HOME') }),
    );
  });
});
