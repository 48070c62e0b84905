import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRIC_NAMES, metricsText } from './metrics.ts';

const agent = {
  name: 'a1',
  site: 'west',
  host: 'h1',
  status: 'attested',
  incarnation: 2,
  pid: 1,
  validUntil: Date.now() / 1000 + 30,
  keyed: true,
  roles: [],
  sent: 5,
  received: 6,
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
    alarms: [],
  });
  for (const name of METRIC_NAMES) expect(text).toMatch(new RegExp(`^${name}(\\{.*\\})? \\d`, 'm'));
  expect(text).toContain('muster_agent_incarnation{agent="a1",site="west"} 2');
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `(\w+)`/gm)].map((each) => each[1]);
  expect(listed.sort()).toEqual([...METRIC_NAMES].sort());
});
