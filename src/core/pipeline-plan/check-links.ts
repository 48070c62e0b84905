import { suggestName } from '../problems/nearest-name.ts';
import { MAX_PROBLEMS, showText } from '../problems/problem.ts';
import { separateGroups } from './agent-links.ts';
import type { LenientAgent, LenientPipeline } from './lenient-pipeline.ts';
import { type PipelineFinding, wrong } from './pipeline-finding.ts';
import { ATTESTATION, TALKS } from './talks.ts';

/** Links that lead nowhere or are of no use, those that lack, and whether everybody can be reached. */
export function checkLinks({ agents, links }: LenientPipeline): readonly PipelineFinding[] {
  if (links === undefined) return [];
  const byName = new Map(
    agents.flatMap((agent) => (agent.name === undefined ? [] : [[agent.name, agent] as const])),
  );
  const goals = [...TALKS.map(({ goal }) => goal), ATTESTATION];
  const findings: PipelineFinding[] = [];
  const known = new Map<string, Set<string>>();
  for (const { path, ends, goals: given } of links) {
    for (const end of ends) {
      if (byName.has(end.text)) continue;
      const mend = suggestName(end.text, [...byName.keys()], 'an agent of the pipeline');
      findings.push(wrong(end.path, `there is no agent \`${showText(end.text)}\``, mend));
    }
    const [one, other] = ends.map(({ text }) => byName.get(text));
    if (one !== undefined && one === other) {
      findings.push(wrong([...path, 'between'], 'both ends are the same agent', 'name two agents'));
      continue;
    }
    for (const goal of given) {
      if (!goals.includes(goal.text)) {
        findings.push(
          wrong(
            goal.path,
            `\`${showText(goal.text)}\` is nothing that agents ask of one another`,
            suggestName(goal.text, goals, 'one of these'),
          ),
        );
      } else if (one !== undefined && other !== undefined && !canTalk(one, other, goal.text)) {
        const message = `neither of the two offers ${goal.text} to the other`;
        findings.push(
          wrong(
            goal.path,
            message,
            `remove it, or give one of them the capability: ${capabilityFor(goal.text)}`,
          ),
        );
      }
    }
    if (one === undefined || other === undefined) continue;
    const key = pairOf(one.name ?? '', other.name ?? '');
    if (known.has(key))
      findings.push(wrong(path, 'a link between these two is there already', 'join their `for`'));
    known.set(key, new Set([...(known.get(key) ?? []), ...given.map(({ text }) => text)]));
  }
  findings.push(...lacking(agents, known), ...apart([...byName.keys()], known));
  return findings;
}

function canTalk(one: LenientAgent, other: LenientAgent, goal: string): boolean {
  if (goal === ATTESTATION) return true;
  const talk = TALKS.find((each) => each.goal === goal);
  if (talk === undefined) return false;
  const asks = (agent: LenientAgent) => agent.capabilities.includes(talk.asks);
  const offers = (agent: LenientAgent) => agent.capabilities.includes(talk.offers);
  return (asks(one) && offers(other)) || (asks(other) && offers(one));
}

function capabilityFor(goal: string): string {
  return TALKS.find((each) => each.goal === goal)?.offers ?? '';
}

function lacking(
  agents: readonly LenientAgent[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
): readonly PipelineFinding[] {
  const findings: PipelineFinding[] = [];
  for (const { goal, asks, offers } of TALKS) {
    for (const asking of agents.filter(({ capabilities }) => capabilities.includes(asks))) {
      for (const able of agents.filter(({ capabilities }) => capabilities.includes(offers))) {
        if (findings.length >= MAX_PROBLEMS) return findings;
        const [a, b] = [asking.name, able.name];
        if (a === undefined || b === undefined || a === b || known.get(pairOf(a, b))?.has(goal) === true)
          continue;
        const message = `no link lets \`${showText(a)}\` ask \`${showText(b)}\` for ${goal}`;
        const mend = `add { between: [${showText(a)}, ${showText(b)}], for: [${goal}] }, or leave \`links\` out: they are worked out`;
        findings.push(wrong(['pipeline', 'links'], message, mend));
      }
    }
  }
  return findings;
}

function apart(names: readonly string[], known: ReadonlyMap<string, unknown>): readonly PipelineFinding[] {
  const links = [...known.keys()].map((key) => ({ between: key.split(' ') }));
  const [, lost] = separateGroups(names, links);
  if (lost === undefined) return [];
  const message = `nothing joins ${lost
    .slice(0, 4)
    .map((name) => `\`${showText(name)}\``)
    .join(', ')} to the others`;
  return [wrong(['pipeline', 'links'], message, 'add a link, or leave `links` out: they are worked out')];
}

function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
