import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRIC_NAMES, metricsText } from './metrics.ts';
import { SERVICE_METRIC_NAMES } from './service-metrics.ts';

const agent = {
  name: 'a1',
  site: 'west',
  host: 'h1',
  status: 'attested',
  incarnation: 2,
  version: 1,
  pid: 1,
  validUntil: Date.now() / 1000 + 30,
  keyed: true,
  roles: ['rate-limiter'],
  sent: 5,
  received: 6,
  refusedFrames: 1,
  vitals: {
    cpuMs: 1500,
    maxRssKb: 50_000,
    cycles: 9,
    events: 8,
    goalsAdopted: 3,
    goalsAchieved: 2,
    goalsFailed: 1,
    decisions: { count: 7, sumMs: 3500, buckets: [1, 2, 0, 0, 3, 0, 0, 0, 0, 0] },
  },
  reason: '',
};

it('every metric is told, and is listed in docs/metrics.md, and no other', async () => {
  const { text } = await metricsText({
    scenario: 'demo',
    plane: 'twin',
    ready: true,
    upForS: 3,
    ledger: null,
    epoch: 4,
    setVersion: 8,
    rootOfTrust: 'a1',
    processes: {},
    agents: [agent],
    services: null,
    alarms: [],
    alarmCauses: [],
    journal: {
      life: 'one',
      entries: 0,
      firstSeq: 1,
      dropped: 0,
      sinceMs: null,
      mostEntries: 10,
      mostAgeMs: 1000,
    },
  });
  for (const name of METRIC_NAMES) expect(text).toMatch(new RegExp(`^${name}(_count)?(\\{.*\\})? \\d`, 'm'));
  const bucket = (le: string) =>
    new RegExp(`decision_seconds_bucket\\{agent="a1",site="west",le="${le}"\\} (\\d+)`).exec(text)?.[1];
  expect(['0.001', '0.002', '0.02', '1', '\\+Inf'].map(bucket)).toEqual(['1', '3', '6', '6', '7']);
  expect(text).toContain('muster_agent_decision_seconds_sum{agent="a1",site="west"} 3.5');
  expect(text).toContain('muster_agent_cpu_seconds{agent="a1",site="west"} 1.5');
  expect(text).toContain('muster_agent_incarnation{agent="a1",site="west"} 2');
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `(\w+)`/gm)].map((each) => each[1]);
  expect(listed.sort()).toEqual([...METRIC_NAMES, ...SERVICE_METRIC_NAMES].sort());
});
