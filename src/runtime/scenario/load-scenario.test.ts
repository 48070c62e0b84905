import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../core/problems/problem.ts';
import { loadScenario, MAX_SCENARIO_BYTES, readScenario } from './load-scenario.ts';
import { renderProblems } from './render-problems.ts';

const GOOD = `name: small
title: A small one
durationMs: 20000
topology:
  switches: [s1, s2]
  trunks:
    - { from: s1, to: s2 }
  hosts:
    - { name: h1, switch: s1, cpu: 4, memoryGb: 4 }
    - { name: h2, switch: s2, cpu: 8, memoryGb: 8, capacityBytesPerSec: 600000 }
  accessPoints:
    - { name: sap1, switch: s1 }
functions:
  - { name: web, kind: web-server, cpu: 8, memoryGb: 8 }
  - { name: monitor, kind: link-monitor, cpu: 1, memoryGb: 1, watch: web }
users:
  - { name: readers, behaviour: page, count: 3, at: [sap1], target: web }
attacks:
  - name: flood
    kind: syn-flood
    at: [sap1]
    target: web
    startMs: 5000
    durationMs: 10000
    ratesPps: [100]
`;

function problemsOf(text: string): readonly Problem[] {
  const loaded = readScenario(text);
  return loaded.ok ? [] : loaded.problems;
}

/** Problems after one change to the good file. */
function problemsAfter(from: string, to: string): readonly Problem[] {
  expect(GOOD).toContain(from);
  return problemsOf(GOOD.replace(from, to));
}

describe('a good scenario', () => {
  test('is read with its defaults filled in', () => {
    const loaded = readScenario(GOOD);
    expect(loaded.ok).toBe(true);
    if (!loaded.ok) return;
    expect(loaded.scenario.warmupMs).toBe(3000);
    expect(loaded.scenario.topology.hosts[1]?.queueBytes).toBe(32_768);
    expect(loaded.scenario.users[0]).toMatchObject({ thinkMs: 500, patienceMs: 2000 });
  });

  test('may share parts by a few aliases', () => {
    const text = GOOD.replace('cpu: 4, memoryGb: 4 }', 'cpu: &n 4, memoryGb: *n }');
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('each kind of mistake has its line, column, path and mend', () => {
  const cases: readonly [string, string, string, Partial<Problem>][] = [
    [
      'an unknown key',
      'durationMs: 20000',
      'durationMS: 20000',
      { line: 3, column: 1, path: 'durationMS', mend: 'did you mean `durationMs`?' },
    ],
    [
      'a wrong type with a unit',
      'durationMs: 20000',
      'durationMs: 20s',
      { line: 3, column: 13, path: 'durationMs', mend: 'write 20000: times are in milliseconds' },
    ],
    ['a number in quotes', 'cpu: 4', 'cpu: "4"', { line: 9, column: 36, mend: 'write 4, without quotes' }],
    [
      'a number out of range',
      'count: 3',
      'count: 0',
      { line: 17, path: 'users[0].count', mend: 'use a whole number from 1 to 10000' },
    ],
    [
      'a missing key',
      'title: A small one\n',
      '',
      { line: 1, column: 1, path: 'title', message: '`title` is missing' },
    ],
    [
      'an unknown kind',
      'kind: link-monitor',
      'kind: link-moniter',
      { line: 15, path: 'functions[1].kind', mend: expect.stringContaining('did you mean `link-monitor`?') },
    ],
    [
      'a name with capitals',
      'name: small',
      'name: Small One',
      { line: 1, column: 7, mend: 'write `small-one`: lower-case letters, digits and hyphens' },
    ],
    [
      'an unknown switch',
      'from: s1, to: s2',
      'from: s1, to: s3',
      { line: 7, column: 23, path: 'topology.trunks[0].to' },
    ],
    [
      'an unknown target',
      'target: web\n    startMs',
      'target: wbe\n    startMs',
      { line: 22, path: 'attacks[0].target', mend: 'did you mean `web`?' },
    ],
    [
      'an unknown access point',
      'at: [sap1], target',
      'at: [sap1, sap2], target',
      { line: 17, path: 'users[0].at[1]' },
    ],
    [
      'an unknown function to watch',
      'watch: web',
      'watch: wep',
      { line: 15, path: 'functions[1].watch', mend: 'did you mean `web`?' },
    ],
    [
      'a name used twice',
      'name: h2',
      'name: h1',
      { line: 10, path: 'topology.hosts[1].name', mend: 'give it a name of its own, e.g. `h1-2`' },
    ],
    [
      'a watched link without capacity',
      ', capacityBytesPerSec: 600000',
      '',
      { line: 10, path: 'topology.hosts[1]', mend: 'add `capacityBytesPerSec` to the host' },
    ],
    [
      'a watched trunk without capacity',
      'watch: web',
      'watch: s1>s2',
      { line: 7, path: 'topology.trunks[0]' },
    ],
    [
      'a trunk watched the wrong way',
      'watch: web',
      'watch: s2>s1',
      { line: 15, mend: 'watch `s1>s2`, or turn the trunk round' },
    ],
    [
      'a function that fits nowhere',
      'cpu: 8, memoryGb: 8 }\n  - { name: mon',
      'cpu: 9, memoryGb: 8 }\n  - { name: mon',
      { line: 14, path: 'functions[0].cpu', message: expect.stringContaining('`h2`, has 8 CPU') },
    ],
    [
      'an attack that outlasts the scenario',
      'durationMs: 10000',
      'durationMs: 16000',
      { line: 24, path: 'attacks[0].durationMs', mend: expect.stringContaining('at most 15000') },
    ],
    ['an attack after the end', 'startMs: 5000', 'startMs: 20000', { line: 23, path: 'attacks[0].startMs' }],
    [
      'a pulse that does not fit',
      'ratesPps: [100]',
      'ratesPps: [100]\n    pulse: { onMs: 9000, offMs: 9000 }',
      { line: 26, path: 'attacks[0].pulse' },
    ],
    [
      'users who stop before they start',
      'target: web }',
      'target: web, startMs: 900, stopMs: 900 }',
      { line: 17, path: 'users[0].stopMs' },
    ],
    [
      'switches without a trunk',
      '  trunks:\n    - { from: s1, to: s2 }\n',
      '',
      { line: 5, path: 'topology.switches[1]', mend: 'add a trunk, e.g. { from: s1, to: s2 }' },
    ],
    [
      'a loop',
      '- { from: s1, to: s2 }',
      '- { from: s1, to: s2 }\n    - { from: s2, to: s1 }',
      { line: 8, path: 'topology.trunks[1]', message: expect.stringContaining('loop') },
    ],
    [
      'a fault about no goal',
      'users:',
      'faults:\n  - { kind: stop-agent, holderOf: linkRateLimit, when: standing }\nusers:',
      { line: 17, path: 'faults[0].holderOf', mend: 'did you mean `linkRateLimited`?' },
    ],
    [
      'two agents on one host',
      'users:',
      'agents:\n  - { name: a1, host: h2 }\n  - { name: a2, host: h2 }\nusers:',
      { line: 18, path: 'agents[1].host' },
    ],
    [
      'no agent with the capability',
      'users:',
      'agents:\n  - { name: a1, host: h2, capabilities: [web-server] }\nusers:',
      { line: 15, path: 'functions[1]', mend: 'add `link-monitor` to the capabilities of an agent' },
    ],
    [
      'an expectation that cannot apply',
      'users:',
      'expect: { awardMovesWithinMs: 2000 }\nusers:',
      { line: 16, path: 'expect.awardMovesWithinMs' },
    ],
    [
      'a duplicate key',
      'title: A small one',
      'title: A small one\ntitle: Another',
      { line: 3, column: 1, path: 'title' },
    ],
    ['a tab for indentation', '  switches: [s1, s2]', '\tswitches: [s1, s2]', { line: 5 }],
    ['two documents', 'users:', '---\nusers:', { line: 16, mend: expect.stringContaining('one document') }],
    [
      'a custom tag',
      'name: small',
      'name: !js small',
      { line: 1, mend: expect.stringContaining('remove the tag') },
    ],
  ];

  test.each(cases)('%s', (_, from, to, expected) => {
    expect(problemsAfter(from, to)).toContainEqual(expect.objectContaining(expected));
  });

  test('more users than there are addresses', () => {
    const crowd = Array.from(
      { length: 7 },
      (_, n) => `  - { name: g${n}, behaviour: page, count: 10000, at: [sap1], target: web }`,
    );
    const [problem] = problemsAfter('users:\n', `users:\n${crowd.join('\n')}\n`);
    expect(problem).toMatchObject({ line: 17, path: 'users[0].count', mend: 'lower the counts by 4472' });
  });
});

describe('all mistakes are told at once', () => {
  test('schema, references, topology, placement and times together, in the order of the file', () => {
    const text = GOOD.replace('durationMs: 20000', 'durationMs: 20000\nwarmUpMs: 1')
      .replace('from: s1, to: s2', 'from: s1, to: s9')
      .replace('count: 3, at: [sap1]', 'count: 0.5, at: [sap9]')
      .replace('ratesPps: [100]', 'ratesPps: []')
      .replace('startMs: 5000', 'startMs: 50000');
    const found = problemsOf(text);
    expect(found.map((problem) => problem.path)).toEqual([
      'warmUpMs',
      'topology.trunks[0].to',
      'users[0].count',
      'users[0].at[0]',
      'attacks[0].startMs',
      'attacks[0].ratesPps',
    ]);
  });

  test('a misspelt key is not told again as missing', () => {
    expect(problemsAfter('title:', 'titel:')).toHaveLength(1);
  });

  test('who refers to a broken entry is not blamed for it', () => {
    expect(problemsAfter('kind: web-server', 'kind: web-servr').map((problem) => problem.path)).toEqual([
      'functions[0].kind',
    ]);
  });
});

describe('hostile files', () => {
  const levels = Array.from(
    { length: 12 },
    (_, n) => `l${n}: &l${n} [${Array.from({ length: 9 }, () => (n === 0 ? 'x' : `*l${n - 1}`)).join(', ')}]`,
  );
  const hostile: readonly [string, string][] = [
    ['a billion laughs', levels.join('\n')],
    ['deep lists', '['.repeat(400_000)],
    ['deep maps', '{a: '.repeat(200_000)],
    ['deep indentation', Array.from({ length: 1200 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    ['many keys', Array.from({ length: 80_000 }, (_, n) => `k${n}: 1`).join('\n')],
    ['many duplicate keys', 'k: 1\n'.repeat(150_000)],
    [
      'many switches that are not connected',
      `topology:\n  switches: [${Array.from({ length: 100_000 }, (_, n) => `s${n}`).join(', ')}]`,
    ],
    [
      'many unknown references',
      `topology:\n  switches: [${Array.from({ length: 5000 }, (_, n) => `switch-with-a-long-name-${n}`).join(', ')}]\n  trunks:\n${Array.from({ length: 9000 }, (_, n) => `    - { from: switch-with-a-lang-name-${n}, to: sw-${n} }`).join('\n')}`,
    ],
    ['garbage', '\t@`%&*!|>\u0000'.repeat(50_000)],
    ['a merge key', '<<: {name: x}\nname: y'],
    ['a prototype', '__proto__: { name: x }\nconstructor: 1'],
    ['nothing', ''],
    ['a comment alone', '# nothing here'],
    ['a single word', 'hello'],
    ['a list', '- 1'],
    ['an alias to itself', 'a: &a [*a]'],
    ['keys that are no text', '? [1, 2]\n: 3'],
    ['a huge number', 'durationMs: 1e999'],
  ];

  test.each(hostile)('%s is answered by problems with line and column, in bounded time', (_, text) => {
    const started = performance.now();
    const problems = problemsOf(text);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(201);
    for (const problem of problems) {
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(problem.message).not.toBe('');
      expect(problem.mend).not.toBe('');
    }
  });
});

describe('files', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'muster-scenario-'));
  });
  afterAll(async () => {
    await rm(dir, { recursive: true });
  });

  test('a good file is read', async () => {
    const file = join(dir, 'good.yaml');
    await writeFile(file, `\ufeff${GOOD.replaceAll('\n', '\r\n')}`);
    expect((await loadScenario(file)).ok).toBe(true);
  });

  test('a file that is too large is refused without being read whole', async () => {
    const file = join(dir, 'large.yaml');
    await writeFile(file, '#'.repeat(MAX_SCENARIO_BYTES + 10));
    const loaded = await loadScenario(file);
    expect(loaded).toMatchObject({
      ok: false,
      problems: [{ line: 1, message: expect.stringContaining('larger than') }],
    });
  });

  test('bytes that are not UTF-8 are placed', async () => {
    const file = join(dir, 'latin1.yaml');
    await writeFile(file, Buffer.concat([Buffer.from('name: x\ntitle: caf'), Buffer.from([0xe9, 0x0a])]));
    expect(await loadScenario(file)).toMatchObject({ ok: false, problems: [{ line: 2, column: 11 }] });
  });

  test.each(['missing.yaml', '.'])('%s is refused with code BAD_FILE and a next step', async (name) => {
    await expect(loadScenario(join(dir, name))).rejects.toMatchObject({
      code: 'BAD_FILE',
      exitCode: 64,
      hint: expect.stringContaining('bin/muster scenario list'),
    });
  });

  test('a device that never ends is refused', async () => {
    await expect(loadScenario('/dev/zero')).rejects.toMatchObject({ code: 'BAD_FILE' });
  });
});

describe('what is told of a file that is badly broken', () => {
  const told = (text: string) => {
    const loaded = readScenario(text);
    return loaded.ok ? '' : renderProblems(loaded.source, loaded.problems);
  };

  test('an alias of nothing is told with its name and place, not as a bomb', () => {
    const text = told('name: a\ntitle: *nobody\n');
    expect(text).toContain('scenario.yaml:2:8: error: there is no anchor `&nobody` before this alias');
    expect(text).not.toContain('copies');
    expect(told('a: *late\nb: &late 1\n')).toContain('1:4: error: there is no anchor `&late`');
    expect(told(`a: &x [1]\nb: [${Array(300).fill('*x').join(', ')}]\n`)).toContain('200 copies');
  });

  test('several documents are told in words of the file, not of a library', () => {
    const text = told('name: a\n---\nname: b\n');
    expect(text).toContain('2:1: error: the file holds several documents');
    expect(text).not.toContain('parseAllDocuments');
  });

  test.each([
    ['opened', '['.repeat(10_000)],
    ['opened and closed', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['as maps', '{a: '.repeat(10_000)],
    ['with errors', '%'.repeat(3).concat('\n').repeat(2000)],
    ['with unknown keys', Array.from({ length: 2000 }, (_, n) => `k${n}: 1`).join('\n')],
  ])('thousands of problems (%s) fit on a few screens', (_, text) => {
    expect(told(text).length).toBeLessThan(12_000);
    expect(told(text)).not.toContain('call stack');
  });

  test('how many more there are is told and counted', () => {
    const text = told(Array.from({ length: 100 }, (_, n) => `k${n}: 1`).join('\n'));
    const shown = text.match(/: error: /g)?.length ?? 0;
    const [, more = ''] = /and (\d+) problems more: mend those above first/.exec(text) ?? [];
    expect(shown).toBe(25);
    expect(text).toContain(`${shown + Number(more)} problems in`);
  });
});

test('no agent has the name under which the runtime stands in the journal', () => {
  const text = `${GOOD}agents:
  - { name: muster, host: h1, capabilities: [link-monitor] }
  - { name: a2, host: h2, capabilities: [web-server] }
`;
  const [problem, ...others] = problemsOf(text);
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ path: 'agents[0].name', line: 27 });
  expect(problem?.message).toContain('no agent may be called `muster`');
  expect(problemsOf(text.replace('muster', 'muster-1'))).toEqual([]);
});
