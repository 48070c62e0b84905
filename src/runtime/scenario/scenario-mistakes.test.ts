import { describe, expect, test } from 'vitest';
import type { Problem } from '../../core/problems/problem.ts';
import { GOOD, problemsOf } from './testing/small-scenario.ts';

/** Problems after one change to the good file. */
function problemsAfter(from: string, to: string): readonly Problem[] {
  expect(GOOD).toContain(from);
  return problemsOf(GOOD.replace(from, to));
}

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
