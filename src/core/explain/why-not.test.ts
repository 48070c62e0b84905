import { describe, expect, it } from 'vitest';
import { attackRecording } from '../../runtime/report/testing/attack-recording.ts';
import { JournalWriter } from '../../runtime/report/testing/journal-writer.ts';
import { renderWhyNot, whyNot } from './why-not.ts';

const { journal } = attackRecording();
const sentences = (...words: string[]): string[] => whyNot(journal, ...words).map(({ sentence }) => sentence);

describe('whyNot', () => {
  it('tells why a source was not blocked, with its numbers', () => {
    expect(sentences('10.2.0.14')).toEqual([
      'a2 judged 10.2.0.14 benign (syn rate 6, confirmed share 0.98, half open 0).',
    ]);
  });

  it('tells why an agent did not win an auction, and what the winner asked for', () => {
    expect(sentences('a6', 'a1/c2')).toEqual([
      'in the auction of a1 for linkRateLimited(s4>h1) (a1/c2), a6 lost at 0.463 (limiting 0.09 + utility 0.373): dearer than the winner; a3 won at 0.245.',
    ]);
    expect(sentences('a4', 'headroom')).toHaveLength(5);
  });

  it('tells a refusal once, though the bidder and the auctioneer both recorded it', () => {
    expect(whyNot(journal, 'a4', 'a1/c2')).toMatchObject([{ times: 1 }]);
  });

  it('tells which plans did not apply and which goals were held back', () => {
    expect(sentences('wait-and-see')).toEqual([
      'a1 did not choose the plan wait-and-see for goal g7, which did not apply: the link drops packets; it chose throttle-link.',
    ]);
    expect(sentences('detectorReleased')[0]).toContain('held back the goal');
  });

  it('looks for whole words, so that one address is not taken for a longer one', () => {
    const writer = new JournalWriter();
    const off = (subject: string) =>
      writer.write(1, 'a', {
        kind: 'belief',
        belief: `malicious(${subject})`,
        truth: 'unknown',
        was: 'unknown',
        source: 's',
      });
    off('10.0.0.12');
    off('110.0.0.1');
    off('10.0.0.1');
    expect(whyNot(writer.entries, '10.0.0.1').map(({ id }) => id)).toEqual(['a:3']);
  });

  it('counts a decision that is made again, and keeps its newest numbers', () => {
    const writer = new JournalWriter();
    for (const [tMs, rate] of [
      [100, 4],
      [200, 5],
      [300, 7],
    ] as const) {
      writer.write(
        tMs,
        'a',
        { kind: 'belief', belief: 'malicious(10.0.0.1)', truth: 'false', was: 'false', source: 's' },
        `${rate} SYN/s`,
      );
    }
    const found = whyNot(writer.entries, '10.0.0.1');
    expect(found).toMatchObject([{ id: 'a:3', times: 3, firstMs: 100, lastMs: 300 }]);
    expect(renderWhyNot(found, '10.0.0.1')).toEqual([
      '[a:3] 0.100 s to 0.300 s, 3 times  a believes it is not so: malicious(10.0.0.1), from s — 7 SYN/s.',
    ]);
  });

  it('says so when nothing was rejected', () => {
    expect(renderWhyNot(whyNot(journal, 'nobody'), 'nobody')).toEqual([
      'Nothing about "nobody" was rejected in this run.',
    ]);
  });
});
