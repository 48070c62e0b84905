import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import type { Row } from '../row.ts';
import { onEnd } from '../support/clean-up.ts';
import type { Edit } from '../support/product-copy.ts';
import { copyOfProduct } from '../support/product-copy.ts';
import { UNCOMPARED } from '../support/weakenings.ts';

const RUNS = 100;
const HONEST_RUNS = 20;
/** Of the decisions of a round, each a segment of its own. */
const DECISIONS = 40;
const ALTERED = 2;
/** Drawn in a round, as by default. */
const DRAWS = 16;
/** 99.9 % of a binomial distribution lie within so many standard deviations. */
const DEVIATIONS = 3.3;
const WITHIN_MS = 240_000;

const SaidSchema = z.object({
  caught: z.number(),
  honestRefused: z.number(),
  reasons: z.array(z.string()),
});
type Said = z.infer<typeof SaidSchema>;

/**
 * Rounds of agents in a process of the product's own: agent, log, disclosure, sealing and the verifier's process that executes again are
 * the product's, the seed of each draw is random. The attacker imports none of it.
 */
const PROGRAM = `
import { randomBytes, randomInt } from 'node:crypto';
const { root, runs, honestRuns, decisions, altered, draws } = JSON.parse(process.argv[1]);
const { toHex } = await import(root + '/src/adapters/keys/hex.ts');
const { newKemKey } = await import(root + '/src/adapters/keys/kem-key.ts');
const { disclose, disclosureContext } = await import(root + '/src/runtime/decisions/disclose.ts');
const { ReExecutor } = await import(root + '/src/runtime/decisions/re-executor.ts');
const { configOf, Decider } = await import(root + '/src/runtime/decisions/testing/decided.ts');
const { sha256 } = await import(root + '/src/runtime/guard/expected.ts');
const { bundleAgent } = await import(root + '/src/runtime/image/bundle-agent.ts');
const bytes = await bundleAgent(root + '/src/runtime/agent-process/main.ts');
const bundle = { bytes, sha256: sha256(bytes) };
const executor = new ReExecutor({ withinMs: 20_000 });
const round = async (which) => {
  const alter = (effects, decision) => (which.has(decision) ? [] : effects);
  const decider = new Decider(configOf(draws), { mostDecisions: 1, alter });
  decider.decideTimes(decisions);
  const [head, seed, kemKey] = [decider.log.head(), toHex(randomBytes(32)), await newKemKey()];
  const parts = await disclose(decider.log, { head, seed, kemKey: kemKey.publicKey }, draws);
  const sealed = new Uint8Array(Buffer.from(parts.join(''), 'base64'));
  const packed = await kemKey.open(sealed, disclosureContext(head, seed));
  const settled = '0x' + '0'.repeat(64);
  return (await executor.appraise(bundle, { config: decider.config, head, settled, seed }, packed)).reason;
};
const drawn = () => {
  const which = new Set();
  while (which.size < altered) which.add(1 + randomInt(decisions));
  return which;
};
const reasons = [];
for (let run = 0; run < runs; run++) reasons.push(await round(drawn()));
const honest = [];
for (let run = 0; run < honestRuns; run++) honest.push(await round(new Set()));
executor.close();
const told = reasons.filter((each) => each !== undefined);
const honestRefused = honest.filter((each) => each !== undefined).length;
process.stdout.write(JSON.stringify({ caught: told.length, honestRefused, reasons: [...new Set(told)] }));
process.exit(0);
`;

/** How often a round catches an agent that has altered a known part of its decisions, against what the draw promises. */
export async function oddsRows(): Promise<readonly Row[]> {
  const found = await rounds('odds', []);
  const without = await rounds('no-odds', UNCOMPARED);
  const chance = 1 - (1 - ALTERED / DECISIONS) ** DRAWS;
  const deviation = Math.sqrt(RUNS * chance * (1 - chance));
  const asPromised = ({ caught }: Said): boolean =>
    Math.abs(caught - RUNS * chance) <= DEVIATIONS * deviation;
  const strange = found.reasons.filter((reason) => !reason.includes('is not what its program decides'));
  return [
    {
      id: 'odds',
      attack: `decisions altered by the memory of an agent: ${RUNS} rounds`,
      attacker: 'who writes to the heap, .data or JIT pages of an agent, unnoticed',
      did: `left ${ALTERED} of ${DECISIONS} decisions undone in each of ${RUNS} rounds, other ones each time; agent, log, disclosure and the process that executes again are the product's, ${DRAWS} decisions are drawn by a random seed`,
      expected: 'detected',
      outcome: asPromised(found) && strange.length === 0 ? 'detected' : 'undetected',
      what: `caught in ${found.caught} of ${RUNS} rounds; 1 - (1 - ${ALTERED}/${DECISIONS})^${DRAWS} promises ${(RUNS * chance).toFixed(1)}, with a standard deviation of ${deviation.toFixed(1)}${strange.length === 0 ? '' : `; refused otherwise: ${strange.join('; ')}`}`,
      control: {
        did: `the same agent with nothing altered: ${found.honestRefused} of ${HONEST_RUNS} rounds refused`,
        asExpected: found.honestRefused === 0,
      },
      withoutDefence: {
        did: `a copy of the product that draws and executes, and does not compare: caught in ${without.caught} of ${RUNS} rounds`,
        asExpected: !asPromised(without),
      },
    },
  ];
}

async function rounds(name: string, edits: readonly Edit[]): Promise<Said> {
  const root = copyOfProduct(name, edits);
  const sizes = { runs: RUNS, honestRuns: HONEST_RUNS, decisions: DECISIONS, altered: ALTERED, draws: DRAWS };
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', PROGRAM, '--', JSON.stringify({ root, ...sizes })],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], timeout: WITHIN_MS, killSignal: 'SIGKILL' },
  );
  onEnd(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (text) => (said += String(text)));
  await once(child, 'close');
  return SaidSchema.parse(JSON.parse(said));
}
