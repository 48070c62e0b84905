import { describe, expect, it } from 'vitest';
import { linkId } from '../../protocol/ids.ts';
import { TopologySchema } from '../../protocol/scenario.ts';
import { hostsBehind } from './servers-behind.ts';
import { LINK, request, smallRecording } from './testing/small-recording.ts';
import { trafficSeries } from './traffic-series.ts';

function sample(tMs: number, total: number, attack: number, link = LINK) {
  const counters = {
    totalBytes: total,
    legitimateBytes: total - attack,
    attackOfferedBytes: attack * 2,
    attackDeliveredBytes: attack,
  };
  return { tMs, link, counters };
}

describe('trafficSeries', () => {
  it('turns cumulative counters into rates at the end of each period', () => {
    const { periodMs, series } = trafficSeries(
      smallRecording({
        truthSamples: [
          sample(0, 0, 0),
          sample(250, 1000, 0),
          sample(500, 4000, 1000),
          sample(752, 4000, 1000),
        ],
        requests: [request(0, 500, 2000)],
      }),
    );
    expect(periodMs).toBe(250);
    expect(series).toEqual([
      {
        tMs: 250,
        link: LINK,
        total: 4000,
        legitimate: 4000,
        attackOffered: 0,
        attackDelivered: 0,
        goodput: 4000,
      },
      {
        tMs: 500,
        link: LINK,
        total: 12_000,
        legitimate: 8000,
        attackOffered: 8000,
        attackDelivered: 4000,
        goodput: 4000,
      },
      { tMs: 752, link: LINK, total: 0, legitimate: 0, attackOffered: 0, attackDelivered: 0, goodput: 0 },
    ]);
  });

  it('does not show a counter that began again as negative traffic', () => {
    const { series } = trafficSeries(
      smallRecording({ truthSamples: [sample(0, 9000, 0), sample(250, 100, 0)] }),
    );
    expect(series[0]?.total).toBe(0);
  });

  it('gives each link the goodput of the servers behind it', () => {
    const other = linkId('s1', 'h2');
    const { series } = trafficSeries(
      smallRecording({
        truthSamples: [sample(0, 0, 0), sample(250, 0, 0), sample(0, 0, 0, other), sample(250, 0, 0, other)],
        requests: [request(0, 250, 500)],
      }),
    );
    expect(series.map(({ link, goodput }) => [link, goodput])).toEqual([
      [LINK, 2000],
      [other, 0],
    ]);
  });
});

describe('hostsBehind', () => {
  const topology = TopologySchema.parse({
    switches: ['s1', 's2', 's3'],
    trunks: [
      { from: 's1', to: 's2' },
      { from: 's2', to: 's3' },
    ],
    hosts: ['s1', 's2', 's3'].map((at, n) => ({ name: `h${n + 1}`, switch: at, cpu: 1, memoryGb: 1 })),
    accessPoints: [{ name: 'ap', switch: 's1' }],
  });

  it('is the host alone for a link to a host', () => {
    expect([...hostsBehind(topology, 's2>h2')]).toEqual(['h2']);
  });

  it('is everything beyond a trunk, in its direction', () => {
    expect([...hostsBehind(topology, 's1>s2')]).toEqual(['h2', 'h3']);
    expect([...hostsBehind(topology, 's2>s1')]).toEqual(['h1']);
  });
});
