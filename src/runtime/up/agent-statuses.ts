import type { AgentStatus } from '../../protocol/up-status.ts';
import type { RunningNetwork } from '../network/running-network.ts';

/** The agents of a pipeline as the ledger, their processes and they themselves tell of them. */
export function agentStatuses({ fleet, genuine }: RunningNetwork): readonly AgentStatus[] {
  const pipeline = genuine?.pipeline;
  const state = pipeline?.trust.state;
  const counts = new Map(fleet.messageCounts().map((each) => [each.agent as string, each]));
  const specs = new Map(fleet.specs.map((each) => [each.name as string, each]));
  const epoch = pipeline?.trust.epoch;
  // One that was withdrawn stands in the ledger for ever.
  const here = [...(state?.agents.values() ?? [])].filter(
    (each) => !each.isSuccessor && (each.status !== 'none' || specs.has(each.name)),
  );
  return here.map((each): AgentStatus => {
    const { sent = 0, received = 0, roles = [] } = counts.get(each.name) ?? {};
    const spec = specs.get(each.name);
    const down = spec === undefined ? undefined : pipeline?.staysDown().get(spec.name);
    const fares = spec && genuine?.vitalsOf(spec.name);
    return {
      name: each.name,
      site: state?.guards.get(each.guard)?.siteName ?? '',
      host: spec?.host ?? '',
      status:
        down !== undefined
          ? 'down'
          : each.status === 'attested' && pipeline?.trust.attested(each.agent) === undefined
            ? 'expired'
            : each.status,
      incarnation: each.incarnation,
      version: each.version,
      pid: pipeline?.pidOf(each.name) ?? null,
      validUntil: each.validUntil,
      keyed: epoch?.acknowledged.includes(each.agent) === true,
      roles,
      sent,
      received,
      refusedFrames: fares?.refusedFrames ?? 0,
      vitals: fares?.vitals ?? null,
      reason: down ?? each.reason,
    };
  });
}
