import type { RequestRecord } from '../../../ports/testbed.ts';
import { type Ipv4, ipv4, type LinkId, linkId, nodeName } from '../../../protocol/ids.ts';
import type { JournalEntry } from '../../../protocol/journal.ts';
import { type Scenario, ScenarioSchema } from '../../../protocol/scenario.ts';
import type { Recording } from '../recording.ts';
import { JournalWriter } from './journal-writer.ts';

/** The link to the server, the server and a few addresses of the small scenario. */
export const LINK: LinkId = linkId('s1', 'h1');
export const SERVER: Ipv4 = ipv4('10.0.0.1');
export const USER: Ipv4 = ipv4('10.0.1.1');
export const ATTACKERS: readonly Ipv4[] = [ipv4('10.0.2.1'), ipv4('10.0.2.2')];

/** One switch, one server, one user, two attackers from 10 s to 40 s of 45 s. */
export function smallScenario(changes: Readonly<Record<string, unknown>> = {}): Scenario {
  return ScenarioSchema.parse({
    name: 'small',
    title: 'A small attack',
    durationMs: 45_000,
    topology: {
      switches: ['s1'],
      hosts: [{ name: 'h1', switch: 's1', cpu: 8, memoryGb: 8, capacityBytesPerSec: 600_000 }],
      accessPoints: [{ name: 'ap1', switch: 's1' }],
    },
    functions: [{ kind: 'web-server', name: 'web', cpu: 1, memoryGb: 1 }],
    users: [{ behaviour: 'page', name: 'pages', count: 1, at: ['ap1'], target: 'web' }],
    attacks: [
      {
        name: 'flood',
        kind: 'syn-flood',
        at: ['ap1'],
        target: 'web',
        startMs: 10_000,
        durationMs: 30_000,
        ratesPps: [100, 100],
      },
    ],
    ...changes,
  });
}

/** A recording of the small scenario in which nothing has been measured or done yet; change what the test is about. */
export function smallRecording(changes: Partial<Recording> = {}): Recording {
  return {
    scenario: smallScenario(),
    plane: 'twin',
    seed: 7,
    defence: 'on',
    durationMs: 45_000,
    traceHash: 'ab'.repeat(32),
    journal: [],
    requests: [],
    truth: {
      attackers: ATTACKERS.map((address) => ({ address, attack: 'flood', target: nodeName('h1') })),
      users: [{ address: USER, group: 'pages' }],
    },
    truthSamples: [],
    rulesLeft: [],
    addresses: { h1: SERVER, web: SERVER },
    firstAttackPacketMs: 10_000,
    messageCounts: [],
    pulses: [{ startMs: 10_000, endMs: 40_000 }],
    ...changes,
  };
}

/** A request of the user, in time unless told otherwise. */
export function request(
  startMs: number,
  endMs: number,
  bytes: number,
  changes: Partial<RequestRecord> = {},
): RequestRecord {
  const inTime = changes.inTime ?? true;
  return {
    user: USER,
    group: 'pages',
    target: nodeName('h1'),
    startMs,
    endMs,
    bytes,
    inTime,
    outcome: inTime ? 'done' : 'late',
    ...changes,
  };
}

/** A step of a hand-made defence: kind, time, what it bears on, and the rule when it is not the usual one. */
export interface Step {
  readonly kind: string;
  readonly tMs: number;
  readonly target: string;
  readonly rule?: string;
  readonly ttlMs?: number;
  readonly status?: 'requested' | 'done' | 'failed' | 'expired';
  readonly agent?: string;
  readonly link?: string;
  readonly award?: string;
  readonly fromAward?: string;
  readonly toAward?: string;
}

/** A journal that holds nothing but these actions. */
export function journalOf(steps: readonly Step[]): readonly JournalEntry[] {
  const writer = new JournalWriter();
  for (const step of steps) {
    const { kind, tMs, target, rule, ttlMs, status = 'done', agent = 'a1', link = LINK } = step;
    const { award = 'award-1', fromAward, toAward } = step;
    const detail = {
      link,
      award,
      ...(ttlMs === undefined ? {} : { ttlMs }),
      ...(fromAward === undefined ? {} : { fromAward, toAward }),
    };
    const named = rule ?? (kind === 'remove-rule' ? target : `${kind}:${target}`);
    writer.write(
      tMs,
      agent,
      { kind: 'action', action: kind, target, rule: named, status, detail },
      `${kind} is needed`,
    );
  }
  return writer.entries;
}
