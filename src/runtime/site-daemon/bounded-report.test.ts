import { describe, expect, it } from 'vitest';
import { agentId } from '../../protocol/ids.ts';
import type { FromSite } from '../../protocol/site-control.ts';
import { boundedReport } from './bounded-report.ts';

const agent = agentId('a1');
const telemetry: FromSite = { kind: 'telemetry', agent, sealed: `0x${'00'.repeat(1_000_000)}` };
const abort: FromSite = { kind: 'abort', agent, incarnation: 1, token: 1 };

describe('reports to a supervisor', () => {
  it('that does not keep up are bounded, those of commands pass, and all pass again once it does', () => {
    const sent: FromSite[] = [];
    const dones: (() => void)[] = [];
    const report = boundedReport<FromSite>((message, done) => {
      sent.push(message);
      dones.push(done);
    });
    for (let i = 0; i < 1000; i++) report(telemetry);
    const most = sent.length;
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThan(40);
    report(abort);
    expect(sent.at(-1)).toBe(abort);
    for (const done of dones.splice(0)) done();
    report(telemetry);
    expect(sent).toHaveLength(most + 2);
  });
});
