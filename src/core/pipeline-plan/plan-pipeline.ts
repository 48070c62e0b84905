import type { AgentId, NodeName } from '../../protocol/ids.ts';
import { AgentIdSchema, nodeName } from '../../protocol/ids.ts';
import type { DescribedAgent, PipelineDescriptor } from '../../protocol/pipeline-descriptor.ts';
import { CAPABILITY_NAMES, type CapabilityName } from '../../protocol/scenario.ts';
import type { PlanRefusal } from '../service-plan/refusal.ts';
import { agentLinks } from './agent-links.ts';
import type { Duty, PlacedUnit } from './duties.ts';
import { roundOrder } from './round-order.ts';
import { TALKS } from './talks.ts';
import { verifiersInOrder } from './verifiers.ts';

/** A machine that an agent can look after: one agent looks after one host. */
export interface AgentHost {
  readonly name: string;
  readonly site: string;
}

export interface PipelineInput {
  /** Of the pipeline: agents are named after it. */
  readonly name: string;
  readonly service: string;
  readonly image: string;
  readonly duties: readonly Duty[];
  readonly units: readonly PlacedUnit[];
  /** Hosts that nobody of another pipeline looks after. */
  readonly hosts: readonly AgentHost[];
  /** Sites in the order in which more of them are taken than the duties need. */
  readonly nearest: readonly string[];
  /** Agents that the pipeline has already: they keep their names and hosts where they can. */
  readonly running: readonly { readonly name: string; readonly host: string }[];
  /** Names that agents of others have. */
  readonly taken: readonly string[];
  /** Verifiers of a round. */
  readonly perRound: number;
  /** How many agents shall be able to play each role that is auctioned: with two it moves when its holder fails. */
  readonly bidders: number;
}

export type PlannedPipeline =
  | { readonly descriptor: PipelineDescriptor; readonly notes: readonly string[] }
  | { readonly refusals: readonly PlanRefusal[] };

/** Roles that are won at auction. */
const AUCTIONED = [...new Set(TALKS.map(({ offers }) => offers))];

interface Draft {
  readonly name: AgentId;
  readonly site: NodeName;
  readonly host: NodeName;
  readonly duties: NonNullable<DescribedAgent['duties']>;
}

/**
 * The fewest agents that do all duties where they have to be done: one at every site with duties, and more until each round finds its
 * verifiers behind other guards; who talks to whom, and who vouches for whom. The same input gives the same pipeline.
 */
export function planPipeline(input: PipelineInput): PlannedPipeline {
  const { duties, perRound } = input;
  if (duties.length === 0) {
    return refused('service', 'none of its functions is on a network: there is nothing to look after', {
      mend: 'join its members to a virtual link of the NSD',
    });
  }
  const notes: string[] = [];
  const bound = [...new Set(duties.map(({ site }) => site))].sort();
  const seats = seatsFor(input);
  const lacking = bound.filter((site) => !seats.take(site));
  if (lacking.length > 0) {
    return {
      refusals: lacking.map((site) => ({
        about: `site ${site}`,
        reason: 'no host is left there that an agent could look after',
        mend: 'muster agent list tells who looks after which; add a host, or remove an agent',
      })),
    };
  }
  const wanted = Math.max(2, perRound + 1);
  for (const site of input.nearest) {
    if (seats.taken.length >= wanted) break;
    if (!bound.includes(site)) seats.take(site);
  }
  if (seats.taken.length < wanted) {
    const sites = seats.taken.length;
    notes.push(
      sites === 1
        ? 'one site: its guard vouches for its own agents, and the registry is trusted with the answers of rounds'
        : `${sites} sites: a round has ${sites - 1} of ${perRound} verifiers behind other guards`,
    );
    if (sites < 2 && !bound.some((site) => seats.take(site))) {
      return refused('sites', 'there is one host, and one agent cannot attest itself', {
        mend: 'name sites with at least two hosts between them: --sites FILE',
      });
    }
  }
  const drafts = seats.taken.map(({ site, host, name }): Draft => {
    const own = duties.filter((duty) => duty.site === site);
    return { name, site, host, duties: merged(own) };
  });
  standBy(drafts, input.bidders);
  if (!drafts.some(({ duties: own }) => own.some(({ capability }) => AUCTIONED.includes(capability)))) {
    notes.push('nobody can reach its functions from outside: they are watched, and nothing is limited');
  }
  const agents = drafts.map(
    (draft): DescribedAgent => ({
      name: draft.name,
      site: draft.site,
      host: draft.host,
      image: input.image,
      capabilities: CAPABILITY_NAMES.filter((each) =>
        draft.duties.some(({ capability }) => capability === each),
      ),
      duties: draft.duties,
    }),
  );
  const siteOf = new Map(agents.map(({ name, site }) => [name, site]));
  const order = roundOrder(siteOf);
  const verifiers = verifiersInOrder(order, (agent) => siteOf.get(agent), perRound);
  return {
    descriptor: {
      name: input.name,
      service: input.service,
      agents,
      links: [...agentLinks(agents, verifiers)],
      verification: {
        perRound,
        order: [...order],
        verifiers: verifiers.map(({ of, by }) => ({ of, by: [...by] })),
      },
    },
    notes,
  };
}

function refused(about: string, reason: string, { mend }: { mend: string }): PlannedPipeline {
  return { refusals: [{ about, reason, mend }] };
}

interface Seat {
  readonly site: NodeName;
  readonly host: NodeName;
  readonly name: AgentId;
}

/** Hosts for agents, each with the name that its agent shall have. `take`: one more at a site; false: it has no host left. */
function seatsFor({ hosts, running, units, taken: others, name: pipeline }: PipelineInput) {
  const taken: Seat[] = [];
  const names = new Set(others);
  const agentOf = (host: AgentHost) =>
    running.find((agent) => agent.host === host.name && !names.has(agent.name))?.name;
  const unitsOn = (host: AgentHost) => units.filter((unit) => unit.host === host.name).length;
  const take = (site: string): boolean => {
    const [best] = hosts
      .filter((host) => host.site === site && !taken.some((seat) => seat.host === host.name))
      .sort(
        (a, b) =>
          Number(agentOf(b) !== undefined) - Number(agentOf(a) !== undefined) ||
          unitsOn(b) - unitsOn(a) ||
          (a.name < b.name ? -1 : 1),
      );
    if (best === undefined) return false;
    const known = new Set([...names, ...running.map((agent) => agent.name)]);
    const name = agentOf(best) ?? newName(pipeline, site, known);
    names.add(name);
    taken.push({ site: nodeName(site), host: nodeName(best.name), name: AgentIdSchema.parse(name) });
    return true;
  };
  return { taken, take };
}

function newName(pipeline: string, site: string, known: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const end = number === 1 ? site.slice(0, 40) : `${site.slice(0, 40)}-${number}`;
    const name = `${pipeline.slice(0, 62 - end.length)}-${end}`;
    if (!known.has(name)) return name;
  }
}

/** One entry for what is about the same: reasons one after the other. */
function merged(duties: readonly Duty[]): Draft['duties'] {
  const byKey = new Map<string, Draft['duties'][number]>();
  for (const { capability, of, because } of duties) {
    const key = `${capability} ${of}`;
    const before = byKey.get(key)?.because;
    const reasons = before === undefined || before.includes(because) ? because : `${before}; ${because}`;
    byKey.set(key, { capability, of, because: reasons.slice(0, 500) });
  }
  const rank = (capability: CapabilityName) => CAPABILITY_NAMES.indexOf(capability);
  return [...byKey.values()].sort(
    (a, b) => rank(a.capability) - rank(b.capability) || (a.of < b.of ? -1 : 1),
  );
}

/** Who has least to do learns the roles that too few can play; who has nothing to do learns to watch. */
function standBy(drafts: readonly Draft[], bidders: number): void {
  const skills = ({ duties }: Draft) => new Set(duties.map(({ capability }) => capability)).size;
  const knows = (draft: Draft, capability: CapabilityName) =>
    draft.duties.some((duty) => duty.capability === capability);
  for (const capability of AUCTIONED) {
    const [holder] = drafts.filter((draft) => knows(draft, capability));
    if (holder === undefined) continue;
    for (;;) {
      const able = drafts.filter((draft) => knows(draft, capability));
      const others = drafts.filter((draft) => !knows(draft, capability));
      const elsewhere = others.filter(({ site }) => able.every((each) => each.site !== site));
      const [next] = [...(elsewhere.length > 0 ? elsewhere : others)].sort((a, b) => skills(a) - skills(b));
      if (able.length >= bidders || next === undefined) break;
      next.duties.push({
        capability,
        of: 'pipeline',
        because: `stands by: the role moves here when ${holder.name} fails`,
      });
    }
  }
  for (const draft of drafts) {
    if (draft.duties.length > 0) continue;
    const because = 'stands by: agents are vouched for from other sites';
    draft.duties.push({ capability: 'link-monitor', of: 'pipeline', because });
  }
}
