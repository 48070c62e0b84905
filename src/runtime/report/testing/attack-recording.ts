import type { RequestRecord } from '../../../ports/testbed.ts';
import { ipv4, linkId, nodeName } from '../../../protocol/ids.ts';
import { ScenarioSchema } from '../../../protocol/scenario.ts';
import type { Recording, TruthSample } from '../recording.ts';
import { writeDefence } from './defence-journal.ts';

export interface AttackRecordingOptions {
  readonly title?: string;
  readonly description?: string;
  readonly attackers?: number;
  readonly users?: number;
  readonly durationMs?: number;
  readonly attackStartMs?: number;
  readonly defence?: 'on' | 'off';
  /** Name that the agent which wins the limits gives itself. */
  readonly limiter?: string;
}

/** Park-Miller: the same recording every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const LINK = linkId('s4', 'h1');
const ATTACK_BYTES = 868_000;
const CAPACITY = 600_000;

/** A recording like that of the paper's case: its figures, its order of events, its reasons; made up, not measured. */
export function attackRecording(options: AttackRecordingOptions = {}): Recording {
  const {
    attackers = 10,
    users = 30,
    durationMs = 120_000,
    attackStartMs = 10_000,
    defence = 'on',
  } = options;
  const random = generator(11);
  const attackEndMs = durationMs - 5000;
  const scenario = ScenarioSchema.parse({
    name: 'ddos',
    title: options.title ?? 'A SYN flood on the Apache server',
    description: options.description ?? 'The case study of the paper: 30 users, 10 attackers, 4 switches.',
    durationMs,
    topology: {
      switches: ['s1', 's2', 's3', 's4'],
      trunks: [
        { from: 's1', to: 's3' },
        { from: 's2', to: 's3' },
        { from: 's3', to: 's4' },
      ],
      hosts: [
        { name: 'h1', switch: 's4', cpu: 8, memoryGb: 8, capacityBytesPerSec: CAPACITY },
        { name: 'h2', switch: 's4', cpu: 4, memoryGb: 4 },
        { name: 'h3', switch: 's3', cpu: 4, memoryGb: 4 },
        { name: 'h4', switch: 's2', cpu: 2, memoryGb: 2 },
      ],
      accessPoints: [
        { name: 'sap1', switch: 's1' },
        { name: 'sap2', switch: 's2' },
      ],
    },
    functions: [{ kind: 'web-server', name: 'apache', cpu: 8, memoryGb: 8 }],
    users: [{ behaviour: 'page', name: 'pages', count: users, at: ['sap1'], target: 'apache' }],
    attacks: [
      {
        name: 'flood',
        kind: 'syn-flood',
        at: ['sap1'],
        target: 'apache',
        startMs: attackStartMs,
        durationMs: attackEndMs - attackStartMs,
        ratesPps: Array.from({ length: Math.min(200, attackers) }, () => 1600),
      },
    ],
    expect: {
      firstLinkLimitWithinMs: 1000,
      firstTargetLimitWithinMs: 3000,
      allSourcesBlockedWithinMs: 6000,
      stepsInOrder: true,
      maxFalsePositives: 0,
      maxFalseNegatives: 0,
      minGoodputLimitedRatio: 0.7,
      minGoodputAfterRatio: 0.9,
      maxGoodputDuringRatioUndefended: 0.5,
    },
  });
  const sources = Array.from({ length: attackers }, (_, n) =>
    ipv4(`10.1.${Math.floor(n / 200)}.${20 + (n % 200)}`),
  );
  const startMs = attackStartMs + 31;
  const story =
    defence === 'off'
      ? null
      : writeDefence({
          startMs,
          sources,
          target: '10.0.4.1',
          link: LINK,
          limiter: options.limiter ?? 'a3',
          users,
        });
  const share = (tMs: number): number => {
    if (tMs < startMs || tMs >= attackEndMs) return 0.998;
    if (story === null) return 0.12;
    if (tMs < story.linkLimitMs) return 0.45;
    if (tMs < story.targetLimitMs) return 0.9;
    return tMs < story.lastBlockMs ? 0.975 : 0.995;
  };
  return {
    scenario,
    plane: 'twin',
    seed: 42,
    defence,
    durationMs,
    traceHash: '5f2b0c9d71e84a36'.repeat(4),
    journal: story?.journal ?? [],
    requests: requestsOf(users, durationMs, share, random),
    truth: {
      attackers: sources.map((address) => ({ address, attack: 'flood', target: nodeName('h1') })),
      users: Array.from({ length: users }, (_, n) => ({
        address: ipv4(`10.2.${Math.floor(n / 200)}.${10 + (n % 200)}`),
        group: 'pages',
      })),
    },
    truthSamples: samplesOf(durationMs, random, (tMs) => {
      const attacking = tMs >= startMs && tMs < attackEndMs;
      const offered = attacking ? ATTACK_BYTES : 0;
      const blocked = story === null ? 0 : story.blockTimes.filter((at) => at <= tMs).length / attackers;
      const limit =
        story === null || tMs < story.linkLimitMs
          ? CAPACITY * 0.9
          : tMs < story.targetLimitMs
            ? 300_000
            : 150_000;
      return {
        legitimate: 96_000 * share(tMs),
        offered,
        delivered: Math.min(offered * (1 - blocked), limit),
      };
    }),
    rulesLeft: [],
    addresses: { h1: '10.0.4.1', apache: '10.0.4.1', h2: '10.0.4.2', h3: '10.0.3.1', h4: '10.0.2.1' },
    firstAttackPacketMs: startMs,
    messageCounts: [
      { agent: 'a1', sent: 46, received: 61, roles: ['link-monitor'] },
      { agent: 'a2', sent: 58, received: 52, roles: ['anomaly-detection', 'classifier'] },
      { agent: options.limiter ?? 'a3', sent: 31, received: 44, roles: ['rate-limiter'] },
      { agent: 'a4', sent: 9, received: 17, roles: [] },
    ],
    pulses: [{ startMs, endMs: attackEndMs }],
  };
}

function requestsOf(
  users: number,
  durationMs: number,
  share: (tMs: number) => number,
  random: () => number,
): readonly RequestRecord[] {
  const requests: RequestRecord[] = [];
  for (let n = 0; n < users; n++) {
    const video = n % 6 === 0;
    for (let tMs = -2000 + random() * 600; tMs < durationMs - 2000; ) {
      const inTime = random() < share(tMs);
      const life = inTime ? (video ? 700 + random() * 900 : 60 + random() * 200) : 2000;
      requests.push({
        user: ipv4(`10.2.${Math.floor(n / 200)}.${10 + (n % 200)}`),
        group: 'pages',
        target: nodeName('h1'),
        startMs: tMs,
        endMs: tMs + life,
        bytes: inTime ? (video ? 100_000 : 20_000) : 4000,
        inTime,
        outcome: inTime ? 'done' : 'late',
      });
      tMs += video ? 2000 : life + random() * 900;
    }
  }
  return requests.sort((a, b) => a.endMs - b.endMs);
}

interface Rates {
  readonly legitimate: number;
  readonly offered: number;
  readonly delivered: number;
}

function samplesOf(
  durationMs: number,
  random: () => number,
  ratesAt: (tMs: number) => Rates,
): readonly TruthSample[] {
  const samples: TruthSample[] = [];
  let [legitimate, offered, delivered] = [0, 0, 0];
  for (let tMs = 0; tMs <= durationMs; tMs += 250) {
    samples.push({
      tMs,
      link: LINK,
      counters: {
        totalBytes: Math.round(legitimate + delivered),
        legitimateBytes: Math.round(legitimate),
        attackOfferedBytes: Math.round(offered),
        attackDeliveredBytes: Math.round(delivered),
      },
    });
    const rates = ratesAt(tMs + 125);
    legitimate += (rates.legitimate * (0.88 + random() * 0.24)) / 4;
    offered += (rates.offered * (0.97 + random() * 0.06)) / 4;
    delivered += (rates.delivered * (0.96 + random() * 0.04)) / 4;
  }
  return samples;
}
