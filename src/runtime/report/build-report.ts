import type { Report, ReportAction } from '../../protocol/report.ts';
import { attackFacts } from './attack-facts.ts';
import { checkExpectations } from './check-expectations.ts';
import { goodputIn } from './goodput.ts';
import { mitigationFacts } from './mitigation-facts.ts';
import { attackPhases } from './phases.ts';
import { type PlaneAction, planeActions } from './plane-actions.ts';
import type { Interval, Recording } from './recording.ts';
import { rulesInForce } from './rules-in-force.ts';
import { trafficSeries } from './traffic-series.ts';

function reportAction({ kind, status, entry, agent, tMs, target, reason }: PlaneAction): ReportAction {
  return {
    id: entry.id,
    tMs,
    agent,
    kind: status === 'expired' ? 'expire-rule' : kind,
    target,
    reason,
  };
}

function auctionsOpened(recording: Recording): number {
  const seen = new Set<string>();
  for (const entry of recording.journal) if (entry.kind === 'auction') seen.add(entry.auction);
  return seen.size;
}

/** The figures of a run: a pure function of its recording, in the units and with the definitions of `report.json`. */
export function buildReport(recording: Recording): Report {
  const { requests, durationMs } = recording;
  const actions = planeActions(recording.journal);
  const rules = rulesInForce(actions, durationMs);
  const attack = attackFacts(recording);
  const mitigation = mitigationFacts(recording, attack, rules);
  const phases = attackPhases(attack, mitigation);
  const goodput = (window: Interval | null): number | null =>
    window === null ? null : Math.round(goodputIn(requests, window));
  const counted = requests.filter((request) => request.endMs >= 0);
  const report: Report = {
    scenario: recording.scenario.name,
    plane: recording.plane,
    seed: recording.seed,
    defence: recording.defence,
    durationMs,
    traceHash: recording.traceHash,
    recorded: null,
    messages: recording.messageCounts.reduce((sum, { sent }) => sum + sent, 0),
    auctions: auctionsOpened(recording),
    attack,
    mitigation,
    legitimate: {
      goodputBefore: goodput(phases.before),
      goodputDuring: goodput(phases.during),
      goodputLimited: goodput(phases.limited),
      goodputAfter: goodput(phases.after),
      users: recording.truth.users.length,
      requestsInTime: counted.filter((request) => request.inTime).length,
      requestsLate: counted.filter((request) => !request.inTime).length,
    },
    traffic: trafficSeries(recording),
    actions: actions.map(reportAction),
    agents: recording.messageCounts.map(({ agent, sent, received, roles }) => ({
      agent,
      sent,
      received,
      roles: [...roles],
    })),
    expectations: [],
    ...(recording.withheld === undefined ? {} : { withheld: recording.withheld }),
  };
  return { ...report, expectations: [...checkExpectations(recording, report)] };
}
