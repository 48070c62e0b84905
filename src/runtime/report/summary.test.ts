import { describe, expect, it } from 'vitest';
import { buildReport } from './build-report.ts';
import { summary } from './summary.ts';
import { attackRecording } from './testing/attack-recording.ts';
import { request, smallRecording } from './testing/small-recording.ts';

describe('summary', () => {
  it('tells a run that went well in the order in which it happened, and what to try next', () => {
    const lines = summary(buildReport(attackRecording()), {
      runDir: 'runs/my run',
      htmlPath: 'runs/my run/report.html',
    });
    expect(lines[0]).toMatch(
      /^All 10 attackers were blocked 3\.26 s after the attack began; afterwards users had 9\d % of the goodput/,
    );
    const text = lines.join('\n');
    expect(text).toContain('The attack was noticed 140 ms after its first packet.');
    expect(text).toContain('The link was limited 390 ms after its first packet.');
    expect(text).toContain('The target was limited 1.01 s after its first packet.');
    expect(text).toContain('10 of 10 sources were blocked, the last 3.26 s after its first packet.');
    expect(text).toContain('No legitimate user was blocked.');
    expect(text).toContain('The agents held 5 auctions and sent 144 messages.');
    expect(text).toMatch(/bin\/muster why a3:\d+ --run 'runs\/my run'$/m);
    expect(text).toContain('runs/my run/report.html');
  });

  it('says what failed: who was not blocked, which expectation was not met, and why a figure is missing', () => {
    const base = attackRecording();
    const never = {
      ...base,
      journal: base.journal.filter((entry) => !(entry.kind === 'action' && entry.action === 'block-source')),
    };
    const text = summary(buildReport(never)).join('\n');
    expect(text).toContain('0 of 10 attackers were blocked');
    expect(text).toContain(
      'There is no figure for goodput after the last block: not all sources were blocked.',
    );
    expect(text).toMatch(/^4 of 8 expectations not met:$/m);
    expect(text).toMatch(
      /^ {2}allSourcesBlockedWithinMs: expected at most 6\.00 s .*; measured never blocked: 10\.1\.0\.20/m,
    );
  });

  it('says of an attack too short to tell that it was too short', () => {
    const text = summary(buildReport(attackRecording({ durationMs: 30_000 }))).join('\n');
    expect(text).toMatch(
      /no figure for goodput after the last block: the attack ran for only 8\.\d+ s after the users had/,
    );
  });

  it('does not praise or blame agents that were not there', () => {
    const text = summary(buildReport(attackRecording({ defence: 'off' }))).join('\n');
    expect(text).toMatch(/^Nobody defended: during the attack users had \d/);
    expect(text).not.toMatch(/blocked|noticed|limited/);
    expect(text).toContain('The one expectation met.');
  });

  it('has something to say of a run without an attack', () => {
    const recording = smallRecording({
      firstAttackPacketMs: null,
      pulses: [],
      requests: [request(0, 10, 5)],
    });
    expect(summary(buildReport(recording))[0]).toBe(
      'There was no attack: nobody was blocked, and 100 % of the requests were served in time.',
    );
  });

  it('says when the machine was given to others', () => {
    const told = (withheld?: { share: number; worstSecondShare: number }) =>
      summary(buildReport({ ...attackRecording(), ...(withheld === undefined ? {} : { withheld }) })).join(
        '\n',
      );
    expect(told({ share: 0.08, worstSecondShare: 0.97 })).toMatch(/withheld 8\.0\s% of its processors/);
    expect(told({ share: 0.31, worstSecondShare: 0.4 })).toMatch(/withheld 31\s% of its processors/);
    expect(told({ share: 0.08, worstSecondShare: 0.4 })).not.toContain('withheld');
    expect(told()).not.toContain('withheld');
  });
});
