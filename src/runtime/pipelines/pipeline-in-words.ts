import type { ChangePlan, PipelineChange } from '../../core/pipeline-plan/pipeline-changes.ts';
import type { PipelineFigures, PlannedFigures } from '../../core/pipeline-plan/pipeline-figures.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';

/** What a pipeline is beside one that was made without a planner. */
export function figuresInWords(planned: PlannedFigures, naive: PipelineFigures): readonly string[] {
  const { agents, links, verdictsPerMin: verdicts, leastVouchedFor: least, mostVouchedFor: most } = planned;
  const spread = least === most ? `for ${most}` : `for ${least} to ${most}`;
  return [
    `${agents} agents at ${planned.sites} sites, ${links} links between them, ${verdicts} verdicts a minute; each agent vouches ${spread}`,
    `an agent of every kind at every site, each joined to each: ${naive.agents} agents, ${naive.links} links, ${naive.verdictsPerMin} verdicts a minute`,
  ];
}

/** A row for each change: what it does to an agent, and what is put on the ledger for it. */
export interface ChangeRow {
  readonly agent: string;
  readonly change: 'add' | 'move' | 'remove' | 'order';
  readonly what: string;
  readonly ledger: string;
}

export function changeRows({ changes, order }: ChangePlan, view: PipelineView): readonly ChangeRow[] {
  const rows = changes.map((change) => changeRow(change, view));
  if (order === undefined) return rows;
  const what = `agents attest one another in this order: ${order.join(', ')}`;
  return [...rows, { agent: '', change: 'order', what, ledger: 'setPlan' }];
}

function changeRow(change: PipelineChange, view: PipelineView): ChangeRow {
  const { kind, name: agent, host } = change;
  const site = view.hosts.find(({ name }) => name === host)?.site ?? '';
  const enrols = view.agents.some((each) => each.site === site) ? '' : 'enrolGuard, ';
  const admits = `${enrols}admitAgent, registerIncarnation, setPlan`;
  switch (kind) {
    case 'add':
      return {
        agent,
        change: kind,
        what: `at ${host} (${site}): ${change.capabilities.join(', ')}`,
        ledger: admits,
      };
    case 'move': {
      const what =
        change.from === host ? `at ${host}, now with` : `from ${change.from} to ${host} (${site}):`;
      return {
        agent,
        change: kind,
        what: `${what} ${change.capabilities.join(', ')}`,
        ledger: `withdrawAgent, ${admits}`,
      };
    }
    case 'remove':
      return { agent, change: kind, what: `from ${host}`, ledger: 'withdrawAgent, setPlan' };
    default:
      return change satisfies never;
  }
}
