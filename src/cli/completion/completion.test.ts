import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createProgram } from '../program.ts';
import { bashCompletion } from './bash-completion.ts';
import { commandTree } from './command-tree.ts';
import { fishCompletion } from './fish-completion.ts';

const spots = commandTree(await createProgram());
const dir = mkdtempSync(join(tmpdir(), 'muster-completion-'));
mkdirSync(join(dir, 'runs', 'my run'), { recursive: true });
writeFileSync(join(dir, 'mine.yaml'), '');
afterAll(() => rmSync(dir, { recursive: true }));

/** What bash offers for a line, its last word being the one that is typed; words are split as bash splits them. */
function offered(...words: readonly string[]): readonly string[] {
  const script = join(dir, 'completion');
  writeFileSync(script, bashCompletion(spots));
  const ask = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _muster; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', ask, script, 'muster', ...words], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 10_000,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('bash offers', () => {
  test.each<[readonly string[], readonly string[]]>([
    [['scen'], ['scenario']],
    [['scenario', 'sc'], ['schema']],
    [['why', '--run', 'runs/t1', '--o'], ['--output']],
    [['scenario', 'run', 'demo', '--pl'], ['--plane']],
    [['scenario', 'run', 'demo', '--plane', 't'], ['twin']],
    [['scenario', 'run', '--plane', '=', 't'], ['twin']],
    [
      ['scenario', 'run', '--plane', '='],
      ['twin', 'linux', 'auto'],
    ],
    [['scenario', 'run', '--plane', 'twin', '--def'], ['--defence']],
    [['scenario', 'run', '--plane', '=', 'twin', '--def'], ['--defence']],
    [
      ['agent', 'list', '-o', 'j'],
      ['json', 'jsonl'],
    ],
    [['agent', 'list', '--run', 'scenario', '--o'], ['--output']],
    [
      ['scenario', 'run', '--seed', '7', 'dd'],
      ['ddos', 'ddos-backlog'],
    ],
    [
      ['scenario', 'describe', 'mi'],
      ['mixed-rates', 'mine.yaml'],
    ],
    [['why', '--run', 'runs/m'], ['runs/my run']],
    [['replay', 'ru'], ['runs']],
    [['package', 'val'], ['validate']],
    [['package', 'onboard', 'mi'], ['mine.yaml']],
    [['package', 'validate', '--image-map', 'mi'], ['mine.yaml']],
    [['pipeline', 'va'], ['validate']],
    [['pipeline', 'apply', 'mi'], ['mine.yaml']],
    [['plan', 'mi'], ['mine.yaml']],
    [['completion', 'f'], ['fish']],
    [['scenario', 'run', '--seed', ''], []],
  ])('%j: %j', (typed, wanted) => {
    expect([...offered(...typed)].sort()).toEqual([...wanted].sort());
  });

  test('commands and flags when nothing is typed yet', () => {
    expect(offered('')).toEqual(expect.arrayContaining(['scenario', 'why', 'doctor', '--version']));
    expect(offered('scenario', 'run', '')).toEqual(expect.arrayContaining(['demo', '--seed', '--plane']));
  });
});

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;

test.runIf(has('fish'))('fish takes the script, and completes choices', () => {
  const ask = `${fishCompletion(spots)}\ncomplete -C 'muster scenario run demo --plane t'`;
  expect(spawnSync('fish', ['-c', ask], { encoding: 'utf8' }).stdout).toContain('twin');
});

test.runIf(has('zsh'))('zsh takes the script', () => {
  const script = `autoload -U compinit && compinit -D\nautoload -U +X bashcompinit && bashcompinit\n${bashCompletion(spots)}`;
  expect(spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
