import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReport } from './report/build-report.ts';
import { smallRecording } from './report/testing/small-recording.ts';
import { readInputs, readJournal, readReport, readScenario, writeRun } from './run-files.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-run-files-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

const phase = {
  kind: 'phase',
  because: [],
  phase: 'x',
  reason: 'x',
  id: 'muster:1',
  agent: 'muster',
  tMs: 0,
};

describe('a damaged file is told in one sentence: which, where, what', () => {
  test.each<[string, string, () => Promise<unknown>, RegExp]>([
    ['report.json', '{"scenario":', () => readReport(dir), /report\.json: it is not JSON$/],
    ['report.json', '', () => readReport(dir), /report\.json: it is empty$/],
    ['report.json', '{"scenario":3}', () => readReport(dir), /report\.json: scenario: .* \(and \d+ more\)$/],
    ['scenario.json', '[]', () => readScenario(dir), /scenario\.json: [^\n]+$/],
    ['journal.jsonl', 'no', () => readJournal(dir), /journal\.jsonl: line 1: it is not JSON$/],
    [
      'journal.jsonl',
      `${JSON.stringify(phase)}\n${JSON.stringify({ ...phase, kind: 'no' })}\n`,
      () => readJournal(dir),
      /journal\.jsonl: line 2: kind: [^\n]+$/,
    ],
    [
      'journal.jsonl',
      JSON.stringify({ ...phase, tMs: 'x'.repeat(9999) }),
      () => readJournal(dir),
      /line 1: tMs: [^\n]{1,250}$/,
    ],
    ['inputs.jsonl', '{}', () => readInputs(dir), /inputs\.jsonl: line 1: it is not a reasoning cycle$/],
  ])('%s holding %j', async (file, content, read, told) => {
    await writeFile(join(dir, file), content);
    await expect(read()).rejects.toThrow(told);
  });
});

test('what could not be written whole is removed, and an older run stays', async () => {
  const out = join(dir, 'out');
  const recording = smallRecording();
  await mkdir(out);
  const written = await writeRun(out, recording, buildReport(recording), []);
  expect(await readReport(out)).toEqual(written);
  const before = await readdir(out);
  // Stands for a disk that fills up: the third file cannot be written.
  await mkdir(join(out, 'inputs.jsonl.part'));
  await expect(writeRun(out, recording, buildReport(recording), [])).rejects.toThrow(/^cannot write .*out: /);
  expect(await readdir(out)).toEqual([...before, 'inputs.jsonl.part'].sort());
  expect(await readReport(out)).toEqual(written);
});
