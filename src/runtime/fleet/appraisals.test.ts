import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../protocol/ledger.ts';
import { sha256 } from '../guard/expected.ts';
import { hex32 } from '../trust/testing/fake-ledger.ts';
import { Appraisals } from './appraisals.ts';

const hashOf = (text: string) => `0x${sha256(text)}` as const;
const verdict = (text: string): LedgerEvent => ({
  kind: 'VerdictGiven',
  round: 3,
  agent: hex32(1),
  verifier: hex32(2),
  answer: hex32(3),
  matches: true,
  pass: true,
  appraisalHash: hashOf(text),
});

describe('what verdicts rest on', () => {
  it.each([
    [
      { decisions: 485, executed: 421, outputs: 57 },
      ' 421 of 485 decisions were executed again; the 57 commands and messages since its start are those it has decided.',
    ],
    [
      { decisions: 9, executed: 9, outputs: 5, reason: 'what has come out of it is not what it has decided' },
      ' 9 of 9 decisions were executed again. What has come out of it is not what it has decided.',
    ],
    [{ reason: 'it does not disclose its decisions' }, ' It does not disclose its decisions.'],
    [{ binding: true }, ''],
  ])('%j is told in words, as often as it is asked for', (said, sentence) => {
    const appraisals = new Appraisals();
    const text = JSON.stringify(said);
    appraisals.take(text);
    for (let times = 0; times < 2; times++) expect(appraisals.sentenceFor(verdict(text))).toBe(sentence);
    expect(appraisals.textOf(hashOf(text))).toBe(text);
    expect(appraisals.sentenceFor(verdict('another'))).toBe('');
  });

  it('is kept for the newest thousand', () => {
    const appraisals = new Appraisals();
    for (let n = 0; n < 1000; n++) appraisals.take(`${n}`);
    appraisals.take('0');
    appraisals.take('1000');
    expect([0, 1, 2, 1000].map((n) => appraisals.textOf(hashOf(`${n}`)))).toEqual([
      '0',
      undefined,
      '2',
      '1000',
    ]);
  });
});
