import type { AgentChange } from '../../protocol/agent-change.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentSpec, Scenario } from '../../protocol/scenario.ts';
import { AgentSpecSchema } from '../../protocol/scenario.ts';
import type { Regrouping } from '../genuine/regrouping.ts';
import { sitesOf } from '../genuine/sites.ts';

/** What a change of a running pipeline is checked against, and made through. */
export interface Changeable {
  readonly specs: readonly AgentSpec[];
  readonly regrouping: Pick<Regrouping, 'add' | 'move' | 'remove' | 'revoke'> | undefined;
  /** How many agents may still come that have never been here. */
  readonly room: number;
}

/**
 * Adds, moves, removes or revokes an agent while its pipeline runs. Resolves once the group is changed on the ledger; the attestation of an agent
 * that has come or moved is then under way.
 * @throws NOT_FOUND for an agent or a host that there is not, USAGE for what cannot be, LEDGER_FAILED.
 */
export async function changeAgents(
  pipeline: Changeable,
  scenario: Scenario,
  change: AgentChange,
): Promise<void> {
  const { specs, regrouping } = pipeline;
  if (regrouping === undefined)
    throw new MusterError('USAGE', 'the pipeline is not up yet', { hint: 'muster status' });
  const known = specs.find((each) => each.name === change.name);
  if (change.kind === 'add') {
    if (known !== undefined) throw new MusterError('USAGE', `there is an agent ${change.name} already`);
    if (pipeline.room <= 0) throw new MusterError('USAGE', 'no more agents can be added to this pipeline');
    const { name, host, capabilities, service } = change;
    const spec = AgentSpecSchema.parse({ name, host, capabilities, ...(service && { service }) });
    return regrouping.add(spec, siteFor(pipeline, scenario, spec));
  }
  if (known === undefined) {
    throw new MusterError('NOT_FOUND', `there is no agent ${change.name}`, { hint: 'muster agent list' });
  }
  if (change.kind === 'move') {
    const { host, capabilities = known.capabilities, service } = change;
    const spec = { ...known, host, capabilities, ...(service && { service }) };
    return regrouping.move(spec, siteFor(pipeline, scenario, spec));
  }
  if (change.kind === 'revoke') return regrouping.revoke(known.name, change.reason);
  if (specs.length <= 2) {
    throw new MusterError('USAGE', 'two agents must stay: one cannot attest itself', { hint: 'muster down' });
  }
  return regrouping.remove(known.name, 'it is removed by the operator');
}

/** The site of the host that an agent is to look after. */
function siteFor(pipeline: Changeable, scenario: Scenario, spec: AgentSpec): string {
  const { name, host } = spec;
  if (!scenario.topology.hosts.some((each) => each.name === host)) {
    const hosts = scenario.topology.hosts.map((each) => each.name).join(', ');
    throw new MusterError('NOT_FOUND', `there is no host ${host}`, { hint: `hosts: ${hosts}` });
  }
  const there = pipeline.specs.find((each) => each.host === host && each.name !== name);
  if (there !== undefined) {
    throw new MusterError('USAGE', `${there.name} looks after ${host} already`, {
      hint: `muster agent remove ${there.name}`,
    });
  }
  return sitesOf(scenario, [spec]).get(name) ?? host;
}
