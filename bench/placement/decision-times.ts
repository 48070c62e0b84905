import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import { CHAIN_TERMS } from '../../src/core/negotiation/chain-spec.ts';
import { quantile } from '../attestation/figure.ts';
import { createAgentNetwork } from './agent-network.ts';
import type { Job, Outcome } from './job.ts';
import { hashOf, virneRequests, virneSubstrate } from './virne.ts';

/** Requests before anything is measured: code is compiled and paths are found by then. */
const WARM_UP = 60;
const MEASURED = 200;

/**
 * From "apply received" to the last award, wall clock: the 40 sites of GEANT in this process, messages without delay. Services are placed
 * one at a time, each withdrawn before the next, then 200 at once.
 */
export function decisionTimes(job: Job): Outcome {
  const requests = virneRequests(job.topology, job.seed, WARM_UP + 2 * MEASURED);
  const network = createAgentNetwork({
    substrate: virneSubstrate(job.topology, job.seed),
    random: createSeededRandom(job.seed).fork('network'),
    terms: { ...CHAIN_TERMS, improvements: job.improvements },
    orchestrators: 4,
  });
  const cpuBefore = process.cpuUsage();
  const alone: number[] = [];
  for (const [index, { graph }] of requests.slice(0, WARM_UP + MEASURED).entries()) {
    const began = performance.now();
    network.apply(graph, (answer) => {
      if (index >= WARM_UP) alone.push(performance.now() - began);
      if (answer.ok) network.withdraw(graph.service);
    });
    network.runUntil(network.nowMs() + 60_000);
  }
  const together: number[] = [];
  let placed = 0;
  const began = performance.now();
  for (const { graph } of requests.slice(WARM_UP + MEASURED)) {
    network.apply(graph, (answer) => {
      together.push(performance.now() - began);
      if (answer.ok) placed++;
    });
  }
  network.runUntil(network.nowMs() + 60_000);
  const cpu = process.cpuUsage(cpuBefore);
  const at = (samples: readonly number[], q: number) => quantile(samples, q) ?? Number.NaN;
  return {
    job,
    requestsHash: hashOf(requests),
    figures: {
      oneAtATimeMedianMs: at(alone, 0.5),
      oneAtATimeP99Ms: at(alone, 0.99),
      outstanding200MedianMs: at(together, 0.5),
      outstanding200P99Ms: at(together, 0.99),
      outstanding200Answered: together.length,
      outstanding200Placed: placed,
      // Of all threads of the process, garbage collection included: other work on the machine does not count.
      cpuMsPerService: (cpu.user + cpu.system) / 1000 / requests.length,
    },
  };
}
