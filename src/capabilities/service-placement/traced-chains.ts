import type { TraceDraft } from '../../core/bdi/trace.ts';
import type { ChainOutcome } from '../../core/negotiation/chain-spec.ts';
import type { Chain, SiteAnswer } from '../../core/placement/chain.ts';
import { lackInWords } from '../../core/placement/lacks-of.ts';
import type { Topology } from '../../core/placement/topology.ts';
import type { UnitGraph } from '../../core/placement/unit-graph.ts';
import type { JournalBid } from '../../protocol/journal.ts';

/**
 * What the journal is told of a bargaining that is over: one auction a unit of the chain that won (or of that which got furthest), with
 * all bids, their parts and all refusals; then the auction of the service, whose bidders are the chains.
 */
export function traceChains(
  conversation: string,
  graph: UnitGraph,
  topology: Topology,
  outcome: ChainOutcome,
): readonly TraceDraft[] {
  if (outcome.kind === 'offered') return traceOffer(conversation, graph, topology, outcome);
  const { service } = graph.graph;
  const told = outcome.kind === 'placed' ? outcome.chain : (outcome.complete[0] ?? outcome.stuck[0]);
  const drafts: TraceDraft[] = [];
  for (const place of told?.places.values() ?? []) {
    // What stays, or is booked where it runs, nobody has bargained for.
    if (place.answers.length === 0) continue;
    const unit = graph.units[place.unit]?.id ?? '?';
    const site = topology.hosts[place.host]?.site;
    const reason = `${place.bid.host} of ${site} for ${figure(place.bid.price)}`;
    const goal = `unitHosted(${service},${unit})`;
    drafts.push(...unitAuction(conversation, goal, unit, place.answers, site, reason));
  }
  if (told?.stuck !== undefined) {
    const unit = graph.units[told.stuck.unit]?.id ?? '?';
    const goal = `unitHosted(${service},${unit})`;
    drafts.push(
      ...unitAuction(conversation, goal, unit, told.stuck.answers, undefined, whyStuck(told, graph)),
    );
  }
  const chains: JournalBid[] =
    outcome.kind === 'placed'
      ? [
          chainBid(outcome.chain, graph, 'won'),
          ...outcome.others.map((each) => chainBid(each, graph, 'lost')),
        ]
      : [
          ...outcome.complete.map((each) => chainBid(each, graph, 'lost')),
          ...outcome.stuck.map((each) => chainBid(each, graph, 'refused')),
        ];
  drafts.push({
    kind: 'auction',
    auction: conversation,
    goal: `servicePlaced(${service})`,
    status: outcome.kind === 'placed' ? 'completed' : 'no-bid',
    participants: chains.map((each) => each.bidder),
    bids: chains,
    winner: outcome.kind === 'placed' ? (chains[0]?.bidder ?? null) : null,
    reserve: null,
    reason:
      outcome.kind === 'placed'
        ? `the cheapest of ${chains.length} chains: ${figure(outcome.chain.byteHops)} bytes/s x hops`
        : reasonUnplaced(outcome, graph),
  });
  return drafts;
}

/** Of a placed service: what was bid for each unit that might move, and what it all would cost then. */
function traceOffer(
  conversation: string,
  graph: UnitGraph,
  topology: Topology,
  { before, chain, moves, saving, budget }: Extract<ChainOutcome, { kind: 'offered' }>,
): readonly TraceDraft[] {
  const { service } = graph.graph;
  const drafts: TraceDraft[] = [];
  const part = `${figure(100 * saving)} %`;
  for (const [unit, { answers, byteHops }] of moves) {
    const [was, is] = [before, chain].map(({ places }) => topology.hosts[places.get(unit)?.host ?? -1]);
    const stays = was === is;
    const cost =
      byteHops === undefined ? 'nobody else hosts it' : `elsewhere all would cost ${figure(byteHops)}`;
    const reason = stays
      ? `it stays at ${was?.name} of ${was?.site}: ${cost}, and a move has to save ${part}`
      : `from ${was?.name} to ${is?.name} of ${is?.site}`;
    const id = graph.units[unit]?.id ?? '?';
    const goal = `unitMoved(${service},${id})`;
    drafts.push(...unitAuction(conversation, goal, id, answers, stays ? undefined : is?.site, reason));
  }
  const moved = [...chain.places].filter(([unit, { host }]) => before.places.get(unit)?.host !== host).length;
  const pays = moved > 0;
  drafts.push({
    kind: 'auction',
    auction: conversation,
    goal: `serviceImproved(${service})`,
    status: pays ? 'completed' : 'cancelled',
    participants: pays ? ['as it is', 'improved'] : ['as it is'],
    bids: [
      costBid('as it is', before, pays ? 'lost' : 'won'),
      ...(pays ? [costBid('improved', chain, 'won')] : []),
    ],
    winner: pays ? 'improved' : 'as it is',
    reserve: null,
    reason: pays
      ? `with ${moved} of its units elsewhere it would cost ${figure(chain.byteHops)} instead of ${figure(before.byteHops)} bytes/s x hops`
      : `of at most ${budget} moves none saves ${part} of ${figure(before.byteHops)} bytes/s x hops`,
  });
  return drafts;
}

function costBid(bidder: string, { byteHops }: Chain, outcome: JournalBid['outcome']): JournalBid {
  const parts = [{ name: 'bandwidth x hops', value: byteHops }];
  return { bidder, outcome, price: byteHops, parts, reason: '' };
}

/** Why a service could not be placed, with what lacks where the best chain got stuck. */
export function reasonUnplaced(
  outcome: Extract<ChainOutcome, { kind: 'unplaced' }>,
  graph: UnitGraph,
): string {
  const [furthest] = outcome.stuck;
  return furthest === undefined ? outcome.reason : `${outcome.reason}: ${whyStuck(furthest, graph)}`;
}

/** Refusals that a reason quotes at most. */
const QUOTED = 4;

function whyStuck({ stuck, places }: Chain, { units }: UnitGraph): string {
  if (stuck === undefined) return '';
  // What lacks something says more than what is ruled out.
  const rank = (each: SiteAnswer) => (each.kind === 'refusal' && each.refusal.lacks.length > 0 ? 0 : 1);
  const telling = [...stuck.answers].sort((a, b) => rank(a) - rank(b));
  const why = telling.slice(0, QUOTED).map((each) => `${each.site}: ${whyNot(each)}`);
  const more = stuck.answers.length > QUOTED ? `; and ${stuck.answers.length - QUOTED} more sites` : '';
  return `nobody hosts ${units[stuck.unit]?.id ?? '?'} beside the ${places.size} units before it (${why.join('; ')}${more})`;
}

function whyNot(answer: SiteAnswer): string {
  switch (answer.kind) {
    case 'bid':
      return 'it bids';
    case 'refusal': {
      const { reason, lacks } = answer.refusal;
      const others = lacks.map(lackInWords).filter((each) => each !== reason);
      return others.length === 0 ? reason : `${reason}; ${others.join('; ')}`;
    }
    default:
      return answer.reason;
  }
}

function unitAuction(
  conversation: string,
  goal: string,
  unit: string,
  answers: readonly SiteAnswer[],
  winner: string | undefined,
  reason: string,
): readonly TraceDraft[] {
  const common = {
    kind: 'auction' as const,
    auction: `${conversation}/${unit}`,
    goal,
    participants: answers.map((each) => each.site),
    reserve: null,
  };
  const bids = answers.map((answer) => siteBid(answer, winner));
  return [
    { ...common, status: 'opened', bids: [], winner: null, reason: 'put up in a round of its service' },
    {
      ...common,
      status: winner === undefined ? 'no-bid' : 'completed',
      bids,
      winner: winner ?? null,
      reason,
    },
  ];
}

function siteBid(answer: SiteAnswer, winner: string | undefined): JournalBid {
  const { site: bidder } = answer;
  if (answer.kind === 'bid') {
    const { price, parts, host } = answer.bid;
    const won = bidder === winner;
    return { bidder, outcome: won ? 'won' : 'lost', price, parts, reason: `with ${host}` };
  }
  const outcome = answer.kind === 'refusal' ? 'refused' : answer.kind;
  return { bidder, outcome, price: null, parts: [], reason: whyNot(answer) };
}

function chainBid(chain: Chain, graph: UnitGraph, outcome: JournalBid['outcome']): JournalBid {
  const first = graph.units[chain.first]?.id ?? '?';
  return {
    bidder: chain.rank === 0 ? `chain from ${first}` : `chain from ${first}, host ${chain.rank + 1}`,
    outcome,
    price: outcome === 'refused' ? null : chain.byteHops,
    parts: outcome === 'refused' ? [] : [{ name: 'bandwidth x hops', value: chain.byteHops }],
    reason: outcome === 'refused' ? whyStuck(chain, graph) : `sum of its bids ${figure(chain.price)}`,
  };
}

function figure(value: number): string {
  return value >= 1000 ? String(Math.round(value)) : String(Math.round(value * 100) / 100);
}
