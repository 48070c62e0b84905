import { describe, expect, it } from 'vitest';
import { buildReport } from '../build-report.ts';
import { type AttackRecordingOptions, attackRecording } from '../testing/attack-recording.ts';
import { smallRecording } from '../testing/small-recording.ts';
import { renderHtml } from './render-html.ts';

function page(options: AttackRecordingOptions = {}): string {
  const recording = attackRecording(options);
  return renderHtml(recording, buildReport(recording));
}

/** What the page is made of, its data and its own script taken out. */
function withoutScripts(text: string): string {
  return text.replace(/<script[^>]*>[\s\S]*?<\/script>/g, '');
}

describe('renderHtml', () => {
  it('names nothing that a browser would fetch, and forbids it besides', () => {
    const text = page();
    expect(text).not.toMatch(/(src|href)="(?!#|data:)/);
    expect(text).not.toMatch(/@import|url\(/);
    expect(text).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;/);
  });

  it('keeps a run of 120 s far below 2 MB, also with 150 attackers', () => {
    expect(page().length).toBeLessThan(400_000);
    expect(page({ attackers: 150, users: 300 }).length).toBeLessThan(1_500_000);
  });

  it('leaves the reasons of the last actions to the command line rather than grow past 2 MB', () => {
    const recording = attackRecording({ attackers: 200 });
    const wordy = {
      ...recording,
      journal: recording.journal.map((entry) => ({
        ...entry,
        reason: `${entry.reason} ${'because of that '.repeat(200)}`,
      })),
    };
    expect(renderHtml(wordy, buildReport(recording)).length).toBeLessThan(2_000_000);
  });

  it('holds the whole chain behind a block: award, auction with its losing bids, belief and measurement', () => {
    const recording = attackRecording();
    const report = buildReport(recording);
    const text = renderHtml(recording, report);
    const data: unknown = JSON.parse(/id="data">(.*?)<\/script>/.exec(text)?.[1] ?? 'null');
    const block = report.actions.find(({ kind }) => kind === 'block-source');
    expect(data).toMatchObject({ why: { entries: { [block?.id ?? '']: { k: 'action' } }, left: 0 } });
    for (const kind of ['award', 'auction', 'belief', 'measurement', 'message'])
      expect(text).toContain(`"k":"${kind}"`);
    expect(text).toContain('a6 lost at 0.442 (limiting 0.09 + utility 0.352)');
    expect(text).toContain('a4 refused: no headroom: cpu 112 % after placing');
  });

  it('shows hostile names as text, wherever they appear', () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e';
    const text = page({ title: evil, description: evil, limiter: evil });
    expect(withoutScripts(text)).not.toMatch(/<script|<img/i);
    expect(text.match(/<script/g)).toHaveLength(2);
    expect(text).not.toContain('\u202e');
  });

  it('gives every chart and list of auctions a table twin', () => {
    const text = page();
    expect(text.match(/<details class="twin"><summary>The same as a table/g)).toHaveLength(1);
    expect(text).toContain('All bids as a table');
    expect(text.match(/data-chart="/g)).toHaveLength(2);
  });

  it('is a whole page also for a run in which nothing was recorded', () => {
    const recording = smallRecording({ firstAttackPacketMs: null, pulses: [] });
    const text = renderHtml(recording, buildReport(recording));
    expect(text).toContain('There was no attack');
    expect(text).toContain('Nothing was done on the data plane.');
    expect(text).toContain('No auction was held.');
    expect(withoutScripts(text)).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('writes no figure that is not a number', () => {
    for (const options of [{}, { defence: 'off' as const }, { attackers: 1 }]) {
      expect(withoutScripts(page(options))).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('says beside the chart what is counted, and which command shows the same without defence', () => {
    const recording = attackRecording();
    const { scenario, plane, seed } = recording;
    const text = withoutScripts(page()).replaceAll('&#45;', '-');
    expect(text).toContain('what goes towards the server');
    expect(text).toContain('goodput is what users received');
    expect(text).toContain(
      `bin/muster scenario run ${scenario.name} --plane ${plane} --seed ${seed} --defence off`,
    );
  });

  it('shows the trace as code, not its markup as text', () => {
    const recording = attackRecording();
    expect(page()).toContain(`<code class="hash">${recording.traceHash}</code>`);
  });
});
