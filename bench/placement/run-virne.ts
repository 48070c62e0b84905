import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import { CHAIN_TERMS } from '../../src/core/negotiation/chain-spec.ts';
import type { Chain } from '../../src/core/placement/chain.ts';
import { placeGreedily } from '../../src/core/placement/place-greedily.ts';
import { topologyOf } from '../../src/core/placement/topology.ts';
import { quantile } from '../attestation/figure.ts';
import { createAgentNetwork } from './agent-network.ts';
import { grcRank } from './grc-rank.ts';
import { byHostOrder, HOST_ORDERS } from './host-order.ts';
import type { Job, Outcome } from './job.ts';
import type { Placer } from './substrate-state.ts';
import { createState, take } from './substrate-state.ts';
import type { Request } from './virne.ts';
import { hashOf, revenueOf, VIRNE, vcpusOf, virneRequests, virneSubstrate } from './virne.ts';

/** ms of the agents' clock that are one unit of Virne's time. */
const UNIT_MS = 1000;

/** Agents that place services. */
const ORCHESTRATORS = 4;

/** All requests of one seed, placed by one arm, each for its lifetime. */
export function runVirne(job: Job): Outcome {
  const requests = inBursts(virneRequests(job.topology, job.seed, job.requests), job.burst);
  const tally = new Tally();
  const began = performance.now();
  const more =
    job.arm === 'auction between agents' ? withAgents(job, requests, tally) : withOne(job, requests, tally);
  const seconds = (performance.now() - began) / 1000;
  return {
    job,
    requestsHash: hashOf(requests),
    figures: { ...tally.figures(requests.length), seconds, ...more },
  };
}

/** Requests in groups that all come when the last of the group would have. */
function inBursts(requests: readonly Request[], size: number): readonly Request[] {
  if (size <= 1) return requests;
  return requests.map((request, index) => {
    const last = Math.min(requests.length - 1, index - (index % size) + size - 1);
    return { ...request, arrival: requests[last]?.arrival ?? request.arrival };
  });
}

/** Acceptance, and revenue and cost over the lifetimes of what was accepted. */
class Tally {
  #accepted = 0;
  #revenue = 0;
  #cost = 0;

  accept({ graph, lifetime }: Request, byteHops: number): void {
    this.#accepted++;
    this.#revenue += revenueOf(graph) * lifetime;
    this.#cost += (vcpusOf(graph) + byteHops) * lifetime;
  }

  figures(asked: number): Record<string, number> {
    return { acceptance: (100 * this.#accepted) / asked, revenueToCost: this.#revenue / this.#cost };
  }
}

function placerOf({ arm, improvements }: Job): Placer {
  if (arm === 'GRC-Rank') return grcRank;
  const order = HOST_ORDERS[arm];
  if (order !== undefined) return byHostOrder(order);
  return ({ topology, view }, graph) => placeGreedily(topology, view, graph, { improvements }).complete[0];
}

function withOne(job: Job, requests: readonly Request[], tally: Tally): Record<string, number> {
  const state = createState(topologyOf(virneSubstrate(job.topology, job.seed)));
  const place = placerOf(job);
  let running: { readonly until: number; readonly request: Request; readonly chain: Chain }[] = [];
  for (const request of requests) {
    const over = running.filter(({ until }) => until <= request.arrival);
    for (const each of over) take(state, each.request.graph, each.chain, -1);
    running = running.filter(({ until }) => until > request.arrival);
    const chain = place(state, request.graph);
    if (chain === undefined) continue;
    take(state, request.graph, chain, 1);
    tally.accept(request, chain.byteHops);
    running.push({ until: request.arrival + request.lifetime, request, chain });
  }
  return {};
}

function withAgents(job: Job, requests: readonly Request[], tally: Tally): Record<string, number> {
  const { improvements, loss, delayMs, countBytes } = job;
  const network = createAgentNetwork({
    substrate: virneSubstrate(job.topology, job.seed),
    random: createSeededRandom(job.seed).fork('network'),
    terms: { ...CHAIN_TERMS, improvements, replyWithinMs: Math.max(50, 4 * delayMs) },
    orchestrators: ORCHESTRATORS,
    digestAgeMs: (job.age / VIRNE.rate[job.topology]) * UNIT_MS,
    loss,
    duplicates: loss > 0 ? 0.02 : 0,
    delayMs,
    countBytes,
  });
  const decided: number[] = [];
  let answered = 0;
  let again = 0;
  for (const request of requests) {
    const arrivalMs = request.arrival * UNIT_MS;
    network.at(arrivalMs, () => {
      network.apply(request.graph, (answer) => {
        answered++;
        decided.push(network.nowMs() - arrivalMs);
        if (!answer.ok) return;
        if (answer.placed.attempts > 1) again++;
        tally.accept(request, answer.placed.byteHops);
        network.at(arrivalMs + request.lifetime * UNIT_MS, () => network.withdraw(request.graph.service));
      });
    });
  }
  const last = requests[requests.length - 1]?.arrival ?? 0;
  network.runUntil((last + 100 * VIRNE.meanLifetime) * UNIT_MS);
  const left = network.desks().reduce((sum, desk) => sum + desk.bookings().length, 0);
  return {
    messages: network.sent.messages / requests.length,
    ...(countBytes ? { bytes: network.sent.bytes / requests.length } : {}),
    unanswered: requests.length - answered,
    bookingsLeft: left,
    bargainedAgain: (100 * again) / requests.length,
    decidedMsMedian: quantile(decided, 0.5) ?? Number.NaN,
    decidedMsP99: quantile(decided, 0.99) ?? Number.NaN,
  };
}
